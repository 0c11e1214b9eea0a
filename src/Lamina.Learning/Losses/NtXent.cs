using Lamina.Learning.Layers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>
/// InfoNCE over two views of each example (van den Oord, Li and Vinyals, 2018: "Representation learning with contrastive predictive coding"; with
/// cosines and both directions as in Chen et al., 2020: "A simple framework for contrastive learning of visual representations"): the mean of
/// −ln(e^(cos(z, z′)/τ) / Σ e^(cos(z, other)/τ)), where z′ is the other view of z's example and the sum is over all views in the batch but z
/// itself. The prediction is (batch, 2, features); the target, (batch), isn't read. A batch of one example has nothing to tell apart: 0.
/// </summary>
public sealed class NtXent : Loss
{
    private readonly double _temperature;

    /// <summary>A loss over views.</summary>
    /// <param name="temperature">τ, above 0: the smaller, the more the nearest other examples count.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public NtXent(double temperature = 0.5) => _temperature = Expect.Positive(temperature);

    /// <inheritdoc/>
    public override Tensor Compute(Tensor prediction, Tensor target) => Each(prediction, target).Mean();

    /// <inheritdoc/>
    protected override Tensor Each(Tensor prediction, Tensor target)
    {
        Pairs.Require(this, prediction, target, Pairs.Of);
        int n = prediction.Shape[0];
        // (2n, features): the first views, then the second ones.
        Tensor z = VectorMeasures.Unit(Tensor.Concat([Pairs.At(prediction, 0), Pairs.At(prediction, 1)]));
        Tensor index = Tensor.From([.. Enumerable.Range(0, 2 * n).Select(i => (long)i)]);
        Tensor itself = Tensor.Equal(index.Unsqueeze(1), index.Unsqueeze(0));
        Tensor logits = Tensor.Where(itself, double.NegativeInfinity, z.MatMul(z.T) / _temperature);
        Tensor other = Tensor.From([.. Enumerable.Range(0, 2 * n).Select(i => (long)((i + n) % (2 * n)))]);
        return logits.CrossEntropy(other).Reshape(new Shape(2, n)).Mean([0]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"NtXent({_temperature})";
}
