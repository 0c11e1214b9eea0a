using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// Turns the queries or keys (batch, steps, heads, width) of each step by angles that grow with its position, so that a query times a key depends
/// on how far apart they are (Su et al., 2021: "RoFormer: enhanced transformer with rotary position embedding"). Feature i and feature
/// i + width / 2 are turned together, by position · base^(−2i / width), as Llama does it. Nothing is learned.
/// </summary>
public sealed partial class RotaryEmbedding : Layer
{
    private readonly double _frequencyBase;

    /// <summary>A rotation.</summary>
    /// <param name="frequencyBase">The slowest angle's period is about 2π times it; above 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The base isn't above 1.</exception>
    public RotaryEmbedding(double frequencyBase = 10_000) => _frequencyBase = frequencyBase > 1 && double.IsFinite(frequencyBase) ? frequencyBase
        : throw new ArgumentOutOfRangeException(nameof(frequencyBase), frequencyBase, "the base of a rotary embedding is above 1");

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Check(x);
        int half = x.Shape[3] / 2, steps = x.Shape[1];
        float[] cos = new float[steps * half], sin = new float[steps * half];
        for (int i = 0; i < cos.Length; i++) (sin[i], cos[i]) = ((float)Math.Sin(i / half * Frequency(i % half, half)), (float)Math.Cos(i / half * Frequency(i % half, half)));
        return Turn(x, Tensor.From(cos, [steps, 1, half]), Tensor.From(sin, [steps, 1, half]));
    }

    /// <summary>Turns steps that stand at one position.</summary>
    /// <param name="x">(batch, steps, heads, width).</param>
    /// <param name="position">Their position, an int64 scalar.</param>
    /// <exception cref="TensorException">The input isn't of that shape, or its width is odd.</exception>
    public Tensor At(Tensor x, Tensor position)
    {
        Check(x);
        int half = x.Shape[3] / 2;
        // In float64: far behind the beginning of a long text, float32 has no fractions of an angle left.
        Tensor angles = position.Cast(DType.Float64) * Tensor.From([.. Enumerable.Range(0, half).Select(i => Frequency(i, half))]);
        return Turn(x, angles.Cos().Cast(x.DType), angles.Sin().Cast(x.DType));
    }

    private double Frequency(int i, int half) => Math.Pow(_frequencyBase, -(double)i / half);

    private static Tensor Turn(Tensor x, Tensor cos, Tensor sin)
    {
        int half = x.Shape[3] / 2;
        if (cos.DType != x.DType) (cos, sin) = (cos.Cast(x.DType), sin.Cast(x.DType));
        Tensor first = x.Narrow(3, 0, half), second = x.Narrow(3, half, half);
        return Tensor.Concat([first * cos - second * sin, second * cos + first * sin], 3);
    }

    private void Check(Tensor x)
    {
        if (x.Rank != 4 || x.Shape[3] % 2 != 0) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, steps, heads, an even width)");
    }

    /// <inheritdoc/>
    public override string ToString() => _frequencyBase == 10_000 ? "RotaryEmbedding" : $"RotaryEmbedding({_frequencyBase})";
}
