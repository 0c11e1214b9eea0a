using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (w, g, mean, square, rate, first, second) → (w, mean, square): a step of Adam (Kingma and Ba, 2014), in one pass over memory.
/// mean ← β₁·mean + (1 − β₁)·g; square ← β₂·square + (1 − β₂)·g²; w ← w − rate·decay·w − first · mean / (√square · second + ε).
/// The last three operands are scalars: the learning rate, the rate corrected for the mean's start at zero, and one by the
/// root of the square's correction. With a decay it is AdamW (Loshchilov and Hutter, 2017).
/// </summary>
public sealed record AdamUpdate : Op, ITileOp
{
    public override string Name => "adam_update";

    /// <summary>The share of the mean gradient that is kept.</summary>
    public required double Beta1 { get; init; }

    /// <summary>The share of the mean square that is kept.</summary>
    public required double Beta2 { get; init; }

    /// <summary>Added to the root.</summary>
    public required double Epsilon { get; init; }

    /// <summary>The share of the weight that is taken from it at a learning rate of 1.</summary>
    public double Decay { get; init; }

    public override bool TakesStrides => true;

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 7);
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        for (int i = 1; i < 7; i++)
        {
            Spec expected = i < 4 ? x[0] : x[0] with { Shape = Shape.Scalar };
            if (x[i] != expected) Refuse($"operand {i + 1} is {x[i]}, not {expected}",
                "the weight, its gradient and both means have one shape; the rates are scalars");
        }
        return [x[0], x[0], x[0]];
    }

    public override Tensors Define(Tensors x)
    {
        (Tensor w, Tensor g, Tensor rate) = (x[0], x[1], x[4]);
        Tensor mean = Beta1 * x[2] + (1 - Beta1) * g, square = Beta2 * x[3] + (1 - Beta2) * (g * g);
        if (Decay > 0) w = w - rate * Decay * w;
        return [w - x[5] * (mean / (square.Sqrt() * x[6] + Epsilon)), mean, square];
    }

    public override void Run(in CpuCall c) => MapKernel.Run(this, c.Inputs, c.Outputs, c.Pool);

    bool ITileOp.TakesScalar(int operand, DType type) => operand >= 4;

    unsafe void ITileOp.Run(in Tile t)
    {
        if (t.Type == DType.Float64) { Update<D64>(t); return; }
        switch (Tiers.Current)
        {
            case Tier.Vector512: Update<F512>(t); break;
            case Tier.Vector256: Update<F256>(t); break;
            default: Update<F128>(t); break;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private unsafe void Update<V>(in Tile t) where V : struct, ILanes<V>
    {
        byte* w = (byte*)t.Operands[0], g = (byte*)t.Operands[1], mean = (byte*)t.Operands[2], square = (byte*)t.Operands[3];
        byte* newW = (byte*)t.Results[0], newMean = (byte*)t.Results[1], newSquare = (byte*)t.Results[2];
        V rate = V.LoadOne(t.Operands[4]), first = V.LoadOne(t.Operands[5]), second = V.LoadOne(t.Operands[6]);
        V beta1 = V.Of(Beta1), share1 = V.Of(1 - Beta1), beta2 = V.Of(Beta2), share2 = V.Of(1 - Beta2), epsilon = V.Of(Epsilon), kept = rate * V.Of(Decay);
        nint at = 0;
        for (int left = t.Count; left > 0; left -= V.Count, at += V.Count * V.Size)
        {
            V slope = Lanes.Load<V>(g + at, left), weight = Lanes.Load<V>(w + at, left);
            V m = V.Fma(share1, slope, beta1 * Lanes.Load<V>(mean + at, left));
            V v = V.Fma(share2 * slope, slope, beta2 * Lanes.Load<V>(square + at, left));
            weight = weight - kept * weight - first * (m / V.Fma(V.Sqrt(v), second, epsilon));
            Lanes.Store(m, newMean + at, left);
            Lanes.Store(v, newSquare + at, left);
            Lanes.Store(weight, newW + at, left);
        }
    }
}
