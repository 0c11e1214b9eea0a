using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The base of <see cref="CrossEntropy"/> and its gradient: logits (n, classes), labels (n) and, where given, a weight for
/// each class.
/// </summary>
public abstract record CrossEntropyOp : Op
{
    /// <summary>The part of each target that is spread evenly over all classes (Szegedy et al., 2016): 0 to 1.</summary>
    public double LabelSmoothing { get; init; }

    private protected void Check(Specs x, int weights)
    {
        if (x.Count < weights || x.Count > weights + 1) Refuse($"takes {weights} operands, or {weights + 1} with class weights, not {x.Count}");
        Shape logits = x[0].Shape;
        if (logits.Rank != 2 || logits[1] == 0) Refuse($"logits {logits} are not (n, classes)", "Reshape(-1, classes) first");
        if (!x[0].DType.IsFloat) Refuse($"logits are float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) on them");
        if (x[1].Shape != [logits[0]]) Refuse($"labels {x[1].Shape} for logits {logits}: there must be one label for each of {logits[0]} rows",
            x[1].Shape == logits ? "ArgMax() of one-hot labels" : null);
        if (x[1].DType is not (DType.Int32 or DType.Int64)) Refuse($"labels are int64 or int32, not {x[1].DType.Text}", "Cast(DType.Int64) on them");
        if (!(LabelSmoothing is >= 0 and <= 1)) Refuse($"label smoothing {LabelSmoothing} is not in 0 to 1");
        if (x.Count > weights && x[weights] != x[0] with { Shape = [logits[1]] }) Refuse($"weights {x[weights]} for logits {x[0]}: there must be one of the same type for each of {logits[1]} classes");
    }

    /// <summary>The weight of each row's logarithms, (n, classes): what the loss is the negative sum of, with them.</summary>
    private protected Tensor Targets(Tensor logits, Tensor labels, Tensor? weights)
    {
        int classes = logits.Shape[1];
        Tensor smoothed = labels.OneHot(classes, logits.DType) * (1 - LabelSmoothing) + LabelSmoothing / classes;
        return weights is null ? smoothed : smoothed * weights;
    }

    /// <summary>Targets by log-probabilities, where 0 · −∞ is 0.</summary>
    private protected static Tensor Weigh(Tensor targets, Tensor logits)
    {
        Tensor zero = Tensor.ZerosLike(targets);
        return Tensor.Where(Tensor.Equal(targets, zero), zero, targets * Limited(logits).LogSoftmax());
    }

    /// <summary>The logits, but for rows with an infinite one: there 0 stands for ∞ and −∞ for all others, whose softmax is the limit.</summary>
    private protected static Tensor Limited(Tensor logits)
    {
        Tensor zero = Tensor.ZerosLike(logits), infinity = Tensor.Full([], double.PositiveInfinity, logits.DType);
        return Tensor.Where(Tensor.Equal(logits.Max([-1], keepDims: true), infinity), Tensor.Where(Tensor.Equal(logits, infinity), zero, -infinity), logits);
    }

    private protected Indices Labels(in CpuCall c) => Indices.Checked(Name, c[1], c[0].Shape, 1, "label");
}

/// <summary>
/// The cross-entropy of each row, (n, classes) and labels (n) → (n): −Σ t · log softmax(logits), where the target t is 1
/// at the label, smoothed if asked for. A third operand (classes) weighs each class's term, as PyTorch's does without
/// reduction.
/// </summary>
public sealed record CrossEntropy : CrossEntropyOp
{
    private const int Grain = 8 * 1024;

    public override string Name => "cross_entropy";

    public override Specs Infer(Specs x)
    {
        Check(x, 2);
        return x[0] with { Shape = [x[0].Shape[0]] };
    }

    public override Tensors Define(Tensors x) => -Weigh(Targets(x[0], x[1], x.Count > 2 ? x[2] : null), x[0]).Sum([-1]);

    public override Grads Gradient(in GradCall g)
    {
        Tensor? weights = g.Inputs.Count > 2 ? g[2] : null;
        Tensor by = g.By.Unsqueeze(-1);
        Tensor? logits = !g.Wants(0) ? null
            : Tracking.IsPaused ? new CrossEntropyGradient { LabelSmoothing = LabelSmoothing }.Apply(weights is null ? [g[0], g[1], g.By]
                : [g[0], g[1], g.By, weights])
            : CrossEntropyGradient.Compose(Targets(g[0], g[1], weights), g[0], by);
        return weights is null ? [logits, null] : [logits, null, g.Wants(2) ? -by.Times(Weigh(Targets(g[0], g[1], null), g[0])).Sum([0]) : null];
    }

    public override unsafe void Run(in CpuCall c)
    {
        int classes = c[0].Shape[1];
        VectorRegion.For(c.Pool, c[0].DType, c[0].Shape[0], Grain / classes, new Rows
        {
            X = (byte*)c[0].Data, Y = (byte*)c.Output.Data, Weights = c.Inputs.Length > 2 ? (byte*)c[2].Data : null,
            Labels = Labels(c), Classes = classes, Smoothing = LabelSmoothing,
        });
    }

    private unsafe struct Rows : IVectorRegion
    {
        public byte* X, Y, Weights;
        public Indices Labels;
        public int Classes;
        public double Smoothing;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            V lead = RowSums.Lead<V>(Classes % V.Count);
            nint pitch = (nint)Classes * V.Size;
            SoftmaxRows<V> sums = default;
            for (int row = begin; row < end; row++)
            {
                byte* x = X + row * pitch;
                nint label = (nint)Labels[row] * V.Size;
                bool isFirst = (row - begin) % 2 == 0;
                if (isFirst) SoftmaxKernel.Measure(x, row + 1 < end ? pitch : 0, Classes, lead, null, 0, ref sums);
                V maximum = isFirst ? sums.Maximum : sums.OtherMaximum, sum = isFirst ? sums.Sum : sums.OtherSum;
                if (V.Any(V.Equal(maximum, V.Of(double.PositiveInfinity)))) sum = SoftmaxKernel.SumAtLimit(x, Classes, lead, null);
                V logarithm = V.Log(sum);
                V loss = logarithm - SoftmaxKernel.Below(V.LoadOne(x + label), maximum);
                if (Weights != null) loss = Weighted(loss, V.LoadOne(Weights + label));
                if (Smoothing > 0)
                {
                    V spread = RowSums.Row(new Spread<V> { X = x, Weights = Weights, Maximum = maximum, Logarithm = logarithm }, 0, Classes, lead);
                    loss = Weighted(loss, V.Of(1 - Smoothing)) + V.Of(Smoothing / Classes) * spread;
                }
                V.StorePart(loss, Y + (nint)row * V.Size, 1);
            }
        }
    }

    /// <summary>−w · log softmax.</summary>
    private unsafe struct Spread<V> : ITerm<V> where V : struct, ILanes<V>
    {
        public byte* X, Weights;
        public V Maximum, Logarithm;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V At(nint offset, nint column, int count)
        {
            V term = Logarithm - SoftmaxKernel.Below(Lanes.Load<V>(X + offset, count), Maximum);
            return Weights == null ? term : Weighted(term, Lanes.Load<V>(Weights + column, count));
        }
    }

    /// <summary>A term by its weight; 0 where the weight is, be the term infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Weighted<V>(V term, V weight) where V : struct, ILanes<V> =>
        V.Select(V.And(V.Equal(weight, V.Of(0)), V.Equal(term, term)), V.Of(0), term * weight);
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// The cross-entropy of logits (…, classes) at labels (…), one for each row; <paramref name="weights"/> (classes)
        /// weigh the classes' terms.
        /// </summary>
        public Tensor CrossEntropy(Tensor labels, double labelSmoothing = 0, Tensor? weights = null)
        {
            var op = new CrossEntropy { LabelSmoothing = labelSmoothing };
            // One position a row: (batch, steps, classes) at (batch, steps), for instance.
            bool isFlat = x.Rank < 3 || x.Shape.Without(-1) != labels.Shape;
            Tensor logits = isFlat ? x : x.Reshape(labels.Count, x.Shape[^1]), flat = isFlat ? labels : labels.Reshape(labels.Count);
            Tensor losses = weights is null ? op.Apply(logits, flat) : op.Apply(logits, flat, weights);
            return isFlat ? losses : losses.Reshape(labels.Shape);
        }
    }
}
