using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// The mean over sequences of −ln p(labels), where p sums over all ways to place the labels along the steps, with blanks between (Graves et al.,
/// 2006: "Connectionist temporal classification: labelling unsegmented sequence data with recurrent neural networks"): for speech and
/// handwriting, where nobody says which step a label belongs to. The prediction is logits (batch, steps, classes); the target is labels (batch,
/// longest), whole numbers, with negative ones behind those of shorter sequences. A sequence with fewer steps than its labels need (one each, and
/// a blank between equal ones) costs ∞, with gradients of 0. Sums are of logarithms in double precision, so neither length nor confidence is
/// limited.
/// </summary>
public sealed class CtcLoss : Loss
{
    private readonly int _blank;
    private readonly bool _ignoreImpossible;

    /// <summary>A connectionist temporal classification.</summary>
    /// <param name="blank">The class that stands for no label; no target may have it.</param>
    /// <param name="ignoreImpossible">Whether sequences with too few steps for their labels cost 0 and not ∞.</param>
    /// <exception cref="ArgumentOutOfRangeException">The blank is negative.</exception>
    public CtcLoss(int blank = 0, bool ignoreImpossible = false)
    {
        _blank = Expect.AtLeast(0, blank);
        _ignoreImpossible = ignoreImpossible;
    }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <summary>The mean over sequences of different lengths.</summary>
    /// <param name="prediction">Logits (batch, steps, classes).</param>
    /// <param name="target">Labels (batch, longest), negative behind the last of each.</param>
    /// <param name="lengths">Number of steps of each sequence, whole numbers (batch); what is behind isn't read.</param>
    /// <exception cref="TensorException">The shapes or types don't fit each other.</exception>
    public Tensor Compute(Tensor prediction, Tensor target, Tensor lengths) => Each(prediction, target, lengths).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target) => Each(prediction, target, null);

    private Tensor Each(Tensor prediction, Tensor target, Tensor? lengths)
    {
        Check(prediction, target, lengths);
        (int n, int steps, int states) = (prediction.Shape[0], prediction.Shape[1], 2 * target.Shape[1] + 1);
        Tensor index = Extended(target);
        Tensor mayStep = MaySkip(index);
        // (n, steps, states): the logarithm of each state's class at each step.
        Tensor logs = prediction.LogSoftmax().Gather(2, index.Unsqueeze(1).BroadcastTo([n, steps, states])).Cast(DType.Float64);

        // Before the first step the path is at the first blank.
        Tensor alpha = Tensor.Concat([Tensor.Zeros((n, 1), DType.Float64), Tensor.Full((n, states - 1), double.NegativeInfinity, DType.Float64)], 1);
        Tensor? ends = lengths?.Cast(DType.Int64).Unsqueeze(1);
        for (int t = 0; t < steps; t++)
        {
            Tensor twoBack = Tensor.Where(mayStep, Back(alpha, 2), double.NegativeInfinity);
            Tensor next = logs.Narrow(1, t, 1).Squeeze(1) + LogSum(Tensor.Stack([alpha, Back(alpha, 1), twoBack]), 0);
            alpha = ends is null ? next : Tensor.Where(ends > t, next, alpha);
        }
        // A path ends at the last label or the blank behind it.
        Tensor last = 2 * (target >= 0).Cast(DType.Float64).Sum([1], keepDims: true).Cast(DType.Int64), state = Range(states);
        Tensor isEnd = Tensor.Equal(state, last).Cast(DType.Int64) + Tensor.Equal(state, last - 1).Cast(DType.Int64) > 0;
        Tensor losses = -LogSum(Tensor.Where(isEnd, alpha, double.NegativeInfinity), 1);
        if (_ignoreImpossible) losses = Tensor.Where(Tensor.Equal(losses, double.PositiveInfinity), 0.0, losses);
        return losses.Cast(prediction.DType);
    }

    // blank, label, blank, label, …, blank: (n, states).
    private Tensor Extended(Tensor target)
    {
        (int n, int longest) = (target.Shape[0], target.Shape[1]);
        Tensor labels = target.Cast(DType.Int64), blanks = Tensor.Full((n, longest), (long)_blank, DType.Int64);
        Tensor pairs = Tensor.Stack([blanks, Tensor.Where(labels >= 0, labels, blanks)], 2).Reshape(new Shape(n, 2 * longest));
        return Tensor.Concat([pairs, Tensor.Full((n, 1), (long)_blank, DType.Int64)], 1);
    }

    // Where a path may come from two states before: at a label other than the one before it.
    private Tensor MaySkip(Tensor index)
    {
        Tensor before = index.Pad([0, 2], [0, 0], _blank).Narrow(1, 0, index.Shape[1]);
        return Tensor.NotEqual(index, (long)_blank).Cast(DType.Int64) * Tensor.NotEqual(index, before).Cast(DType.Int64) > 0;
    }

    private static Tensor Back(Tensor alpha, int by) => alpha.Pad([0, by], [0, 0], double.NegativeInfinity).Narrow(1, 0, alpha.Shape[1]);

    // ln Σ eˣ over an axis; −∞ with gradients of 0 where all are.
    private static Tensor LogSum(Tensor x, int axis)
    {
        Tensor maximum, isNone;
        using (Gradient.Pause())
        {
            maximum = x.Max([axis], keepDims: true);
            isNone = Tensor.Equal(maximum, double.NegativeInfinity);
            maximum = Tensor.Where(isNone, 0.0, maximum);
        }
        Tensor sum = (x - maximum).Exp().Sum([axis], keepDims: true);
        return Tensor.Where(isNone, double.NegativeInfinity, Tensor.Where(isNone, 1.0, sum).Log() + maximum).Squeeze(axis);
    }

    private static Tensor Range(int count) => Tensor.From([.. Enumerable.Range(0, count).Select(i => (long)i)]);

    private void Check(Tensor prediction, Tensor target, Tensor? lengths)
    {
        Shape p = prediction.Shape, t = target.Shape;
        if (prediction.ComesFrom<Tensors.Ops.Softmax>())
            Refuse("the prediction has been through a softmax already; this loss takes logits and applies it itself",
                "the network without its last Softmax, and Softmax() on its results where probabilities are wanted");
        if (p.Rank != 3 || p[2] < 2)
            Refuse($"the prediction has shape {p}, not (batch, steps, classes)", "Transpose(1, 0, 2) where steps are the first axis");
        if (t.Rank != 2 || t[0] != p[0]) Refuse($"the prediction has shape {p}, the target {t}; it must be ({p[0]}, labels)",
            "labels of all sequences as rows, with -1 behind the last of each");
        if (!target.DType.IsInteger) Refuse($"the target is {target.DType.Text}; labels are whole numbers", "Cast(DType.Int64) on the target");
        if (_blank >= p[2]) Refuse($"the blank is class {_blank}, the prediction {p} has {p[2]} classes", "a blank below the number of classes");
        if (lengths is null) return;
        if (lengths.Shape != new Shape(p[0]) || !lengths.DType.IsInteger)
            Refuse($"the lengths are {lengths.Spec}, not one whole number for each of {p[0]} sequences", "an int64 tensor of one number a sequence");
    }

    /// <inheritdoc/>
    public override string ToString() => $"CtcLoss(blank {_blank})";
}
