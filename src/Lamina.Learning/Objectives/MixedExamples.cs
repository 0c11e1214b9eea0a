using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Learning by mixtures of two examples, against learning by heart. Mixup (Zhang, Cisse, Dauphin and Lopez-Paz, 2018) adds the inputs up, λ of one
/// and 1 − λ of the other; cutmix (Yun et al., 2019) pastes a box of the other image, of the share 1 − λ of its area. The loss is mixed alike: λ
/// times that with the one target plus 1 − λ times that with the other, which for cross-entropy is the loss with class probabilities as targets,
/// and works for losses that take none. λ is drawn from Beta(α, α) once a step, as is the order by which a batch's examples are paired. With both,
/// each step draws one of them.
/// </summary>
/// <remarks>
/// All draws come from the pass's key, (seed, step), inside the recorded step: a resumed run has the same bits, and a step allocates nothing.
/// Evaluation is that of <see cref="Supervised"/>. Metrics in training compare predictions for mixtures with the targets of the first of each
/// pair, so a share of right answers is lower than in validation.
/// </remarks>
public sealed partial class MixedExamples : Objective
{
    private const int Intervals = 1024;
    private const double MostAlpha = 1000;

    private readonly Supervised _plain;
    private readonly Tensor? _mixup, _cutmix;

    /// <summary>The objective of a network and a loss.</summary>
    /// <param name="network">The network; its first input is mixed.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="mixup">α of mixup, such as 0.2, 1,000 at most; 0: no mixup.</param>
    /// <param name="cutmix">α of cutmix, such as 1, 1,000 at most; 0: no cutmix. It takes images (batch, height, width, channels).</param>
    /// <exception cref="ArgumentOutOfRangeException">An α is out of its range, or both are 0.</exception>
    /// <exception cref="ArgumentException">The loss has parameters.</exception>
    public MixedExamples(Network network, Loss loss, double mixup = 0, double cutmix = 0)
    {
        _plain = new Supervised(network, loss);
        Check(nameof(mixup), mixup);
        Check(nameof(cutmix), cutmix);
        if (mixup == 0 && cutmix == 0)
            throw new ArgumentOutOfRangeException(nameof(mixup), mixup, "neither mixup nor cutmix: use Supervised, which mixes nothing");
        (Mixup, Cutmix) = (mixup, cutmix);
        if (mixup > 0) _mixup = Tensor.From(BetaQuantiles.Table(mixup, Intervals));
        if (cutmix > 0) _cutmix = Tensor.From(BetaQuantiles.Table(cutmix, Intervals));
    }

    /// <summary>α of mixup; 0: none.</summary>
    public double Mixup { get; }

    /// <summary>α of cutmix; 0: none.</summary>
    public double Cutmix { get; }

    /// <summary>The network.</summary>
    public Network Network => _plain.Network;

    /// <summary>The loss.</summary>
    public Loss Loss => _plain.Loss;

    /// <inheritdoc/>
    public override Module Model => Network;

    /// <inheritdoc/>
    public override void Build(Specs inputs) => _plain.Build(inputs);

    /// <inheritdoc/>
    public override ObjectiveResult Compute(Batch batch, Pass pass)
    {
        if (!pass.IsTraining) return _plain.Compute(batch, pass);
        if (batch.Targets.Count == 0) throw new TensorException("the batch has no targets to compare predictions with",
            "targets in the data set, or an objective that needs none");
        Tensor x = batch.Inputs[0], target = batch.Targets[0];
        if (!x.DType.IsFloat)
            throw new TensorException($"{this}: the input is {x.DType.Text}; only float32 and float64 can be mixed", "Cast(DType.Float32) on it");
        Tensor order = Tensor.RandomPermutation(x.Shape[0], pass.Key, pass.NextStream());
        (Tensor own, Tensor share) = Weights(x, Tensor.RandomUniform([4], pass.Key, pass.NextStream()));
        Tensor mixed = x * own + x.Rows(order) * (1 - own);
        Tensors predictions = Network.Forward(Tensors.Create([mixed, .. batch.Inputs.Span[1..]]), pass);
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(Loss, [predictions[0], target]);
        // The weights of all examples have the same sum in any order, so the mean of the mixture is the mixture of the means.
        LossValue first = LossPlace.Compute(Network, Loss, predictions[0], target, batch.Weights);
        LossValue second = LossPlace.Compute(Network, Loss, predictions[0], target.Rows(order), batch.Weights?.Rows(order));
        Tensor loss = Between(first.Mean, second.Mean, share);
        tracer?.Leave(Loss, loss);
        return new(loss, predictions, first.Weight, first.Sum is { } sum && second.Sum is { } other ? Between(sum, other, share) : null);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Network}, {Loss}{(Mixup > 0 ? $", mixup {Mixup}" : "")}{(Cutmix > 0 ? $", cutmix {Cutmix}" : "")}";

    // How much of each value is the example's own, to be broadcast to the input, and the mean of that, a scalar.
    private (Tensor Own, Tensor Share) Weights(Tensor x, Tensor draws)
    {
        Tensor? blended = _mixup is null ? null : Quantile(_mixup, draws[0..1]);
        if (_cutmix is null) return (blended!.Cast(x.DType), blended!.Reshape(Shape.Scalar));
        if (x.Rank != 4)
            throw new TensorException($"{this}: cutmix takes images (batch, height, width, channels), not {x.Shape}", "mixup, which takes any input");
        int height = x.Shape[1], width = x.Shape[2];
        // As much of each side as makes a box of the share 1 − λ, around a pixel that is drawn; what is beyond the edges is cut off.
        Tensor side = (1 - Quantile(_cutmix, draws[0..1])).Sqrt();
        Tensor own = 1 - Inside(height, side, draws[1..2]).Unsqueeze(1) * Inside(width, side, draws[2..3]);
        if (blended is not null) own = Tensor.Where(draws[3..4] < 0.5, blended, own);
        return (own.Unsqueeze(-1).Cast(x.DType), own.Mean());
    }

    // 1 where a row or column lies in the box, (size).
    private static Tensor Inside(int size, Tensor side, Tensor draw)
    {
        Tensor half = ((side * size).Floor() * 0.5).Floor(), middle = (draw * size).Floor();
        Tensor places = Tensor.From([.. Enumerable.Range(0, size).Select(i => (float)i)], [size]);
        return (places >= middle - half).Cast(DType.Float32) * (places < middle + half).Cast(DType.Float32);
    }

    // Between two entries of the table, on a straight line.
    private static Tensor Quantile(Tensor table, Tensor draw)
    {
        Tensor place = draw * Intervals, whole = place.Floor(), index = whole.Cast(DType.Int64);
        return Between(table.Rows(index + 1), table.Rows(index), place - whole);
    }

    private static Tensor Between(Tensor first, Tensor second, Tensor share)
    {
        Tensor part = share.Cast(first.DType);
        return first * part + second * (1 - part);
    }

    private static void Check(string name, double alpha)
    {
        if (!(alpha is >= 0 and <= MostAlpha))
            throw new ArgumentOutOfRangeException(name, alpha, $"{name} is an α from 0, for none, to {MostAlpha:N0}");
    }
}
