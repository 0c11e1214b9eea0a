using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using Buffer = Lamina.Learning.Modules.Buffer;

namespace Lamina.Learning.Layers;

/// <summary>
/// Each feature or channel brought to mean 0 and variance 1, then scaled and shifted (Ioffe and Szegedy, 2015: "Batch
/// normalization"). Takes (batch, …, features) of any rank from 2. Training uses the batch's own mean and variance and moves the
/// running ones towards them; evaluation uses the running ones. So does training where both weight and bias are frozen: then the norm stays as it is.
/// </summary>
public sealed partial class BatchNorm : Layer
{
    private readonly double _momentum, _epsilon;

    /// <summary>A norm whose number of features is inferred from the first input.</summary>
    /// <param name="momentum">How far the running values move towards a batch's at each step (as in PyTorch; Keras counts from the other end).</param>
    /// <param name="epsilon">Added to the variance, so that nothing is divided by zero.</param>
    /// <param name="scale">The scale's first values; ones by default. Zeros at the end of a residual block make it the identity at first.</param>
    /// <exception cref="ArgumentOutOfRangeException">The momentum is not at least 0 and less than 1, or epsilon not above 0.</exception>
    public BatchNorm(double momentum = 0.1, double epsilon = 1e-5, Initializer? scale = null)
    {
        Weight = new Parameter(scale ?? Constant.One);
        _momentum = Expect.Between(0, 1, momentum);
        _epsilon = Expect.Positive(epsilon);
    }

    /// <summary>The scale (features), ones at first unless an initialiser was given.</summary>
    public Parameter Weight { get; }

    /// <summary>The shift (features), zeros at first.</summary>
    public Parameter Bias { get; } = new(Constant.Zero);

    /// <summary>The running mean (features), which evaluation uses.</summary>
    public Buffer RunningMean { get; } = new(Constant.Zero) { IsStatistic = true };

    /// <summary>The running variance (features), which evaluation uses: the unbiased estimate, as in PyTorch.</summary>
    public Buffer RunningVariance { get; } = new(Constant.One) { IsStatistic = true };

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 2) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, …, features)", "Unsqueeze(0) for a single example");
        Expect.Features(this, x, Weight.KnownShape?[0]);
        foreach (ModuleVariable variable in (ReadOnlySpan<ModuleVariable>)[Weight, Bias, RunningMean, RunningVariance]) variable.Ensure([x.Shape[^1]]);
        Expect.Type(this, x, Weight);
        if (!pass.IsTraining || Weight.IsFrozen && Bias.IsFrozen)
            return x.NormalizeBy(RunningMean.Value, RunningVariance.Value, Weight.Value, Bias.Value, _epsilon);

        int values = x.Count / Math.Max(1, x.Shape[^1]);
        if (values < 2) throw new TensorException($"{this}: the input {x.Shape} has {values} value for each feature; a batch's variance needs two or more",
            "a larger batch, or leave out the last, smaller one; LayerNorm needs no batch");
        (Tensor y, Tensor mean, Tensor variance) = x.BatchNorm(Weight.Value, Bias.Value, _epsilon);
        using (Gradient.Pause())
        {
            // Moved by a share of the distance: a running value that is the batch's stays what it is.
            Tensor unbiased = variance * values / (values - 1);
            RunningMean.Value = RunningMean.Value + _momentum * (mean - RunningMean.Value);
            RunningVariance.Value = RunningVariance.Value + _momentum * (unbiased - RunningVariance.Value);
        }
        return y;
    }

    /// <inheritdoc/>
    public override string ToString() => Weight.KnownShape is { } shape ? $"BatchNorm({shape[0]})" : "BatchNorm";
}
