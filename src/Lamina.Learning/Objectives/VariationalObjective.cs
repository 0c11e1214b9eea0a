using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A network that codes an example as a normal distribution over codes, and decodes codes.</summary>
public interface IVariational
{
    /// <summary>The means and the logarithms of the variances of the examples' codes, both (batch, code).</summary>
    /// <param name="inputs">The network's inputs: the example, then its conditions, such as a class.</param>
    /// <param name="pass">How the pass is meant.</param>
    (Tensor Mean, Tensor LogVariance) Encode(Tensors inputs, Pass pass);

    /// <summary>Examples of codes (batch, code), as the loss takes them: logits where it is <see cref="BinaryCrossEntropy"/>.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="conditions">The network's inputs but the first.</param>
    /// <param name="pass">How the pass is meant.</param>
    Tensor Decode(Tensor code, Tensors conditions, Pass pass);

    /// <summary>What decoded examples are compared with: the examples themselves, unless the loss takes values of another range.</summary>
    Tensor Expected(Tensor examples) => examples;
}

/// <summary>
/// Learning a variational autoencoder (Kingma and Welling, 2013: "Auto-encoding variational Bayes"): the loss of an example is that of its
/// reconstruction, summed over its elements, plus β times the divergence of its code's distribution N(μ, σ²) from N(0, 1), in nats; for β of 1 and
/// binary cross-entropy of pixels that are 0 or 1 it is the negative evidence lower bound (of grey ones it isn't one, and compares networks alone).
/// The code is drawn as μ + σ·ε, so that gradients pass (the reparameterisation);
/// ε comes from (seed, step), in evaluation from numbers that are always the same, so that a test gives the same figure twice.
/// </summary>
/// <remarks>
/// Both terms are sums over what an example has and means over the examples. A mean over pixels beside a sum over the code, or the other way
/// round, is another β: then the code says nothing, or isn't normal. The network's inputs beyond the first (a class) are the batch's further
/// inputs, then its targets. Examples with weights count by them.
/// </remarks>
public sealed partial class VariationalObjective : Objective
{
    private static readonly string[] s_parts = ["reconstruction", "divergence"];
    private static readonly Tensor s_evaluation = Tensor.From(0L, 0L);

    /// <summary>The objective of a network.</summary>
    /// <param name="network">The network, an <see cref="IVariational"/>.</param>
    /// <param name="reconstruction">What a reconstruction is compared by; null: <see cref="BinaryCrossEntropy"/>, for elements from 0 to 1.</param>
    /// <param name="beta">β, the weight of the divergence, 0 or more (Higgins et al., 2017: "β-VAE").</param>
    /// <exception cref="ArgumentException">The network isn't an <see cref="IVariational"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">β is negative or no number.</exception>
    public VariationalObjective(Network network, Loss? reconstruction = null, double beta = 1)
    {
        if (network is not IVariational) throw new ArgumentException($"{network} is no variational autoencoder", nameof(network));
        (Network, Reconstruction) = (network, reconstruction ?? new BinaryCrossEntropy());
        Beta = Expect.Between(0, double.PositiveInfinity, beta);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>What a reconstruction is compared by.</summary>
    public Loss Reconstruction { get; }

    /// <summary>The weight of the divergence.</summary>
    public double Beta { get; }

    /// <inheritdoc/>
    public override Module Model => Network;

    /// <summary><c>reconstruction</c> and <c>divergence</c>, the latter without β.</summary>
    public override IReadOnlyList<string> PartNames => s_parts;

    /// <summary>The divergence of N(mean, e^logVariance) from N(0, 1), (batch): ½ Σ (σ² + μ² − 1 − ln σ²) over the code (their appendix B).</summary>
    public static Tensor Divergence(Tensor mean, Tensor logVariance) => 0.5 * (logVariance.Exp() + mean * mean - 1 - logVariance).Sum([-1]);

    /// <inheritdoc/>
    public override void Build(Specs inputs)
    {
        if (!Network.IsBuilt) Network.Build(Given(inputs, Network));
    }

    /// <inheritdoc/>
    public override ObjectiveResult Compute(Batch batch, Pass pass)
    {
        var network = (IVariational)Network;
        Tensors inputs = Given(batch, Network);
        (Tensor mean, Tensor logVariance) = network.Encode(inputs, pass);
        Tensor noise = pass.IsTraining ? Tensor.RandomNormal(mean.Shape, pass.Key, pass.NextStream())
            : Tensor.RandomNormal(mean.Shape, s_evaluation, 0);
        Tensor code = mean + (0.5 * logVariance).Exp() * noise.Cast(mean.DType);
        Tensor decoded = network.Decode(code, Tensors.Create(inputs.Span[1..]), pass);
        Tensor reconstruction = Reconstruction.SumOfEach(decoded, network.Expected(inputs[0])), divergence = Divergence(mean, logVariance);
        if (batch.Weights is not { } weights)
        {
            Tensor first = reconstruction.Mean(), second = divergence.Mean();
            return new(first + Beta * second, Tensors.Create([decoded])) { Parts = [first, second] };
        }
        Tensor counts = weights.Cast(mean.DType), weight = counts.Sum(), divisor = weight.Maximum(float.Epsilon);
        Tensor one = (reconstruction * counts).Sum(), two = (divergence * counts).Sum(), sum = one + Beta * two;
        return new(sum / divisor, Tensors.Create([decoded]), weight, sum) { Parts = [one / divisor, two / divisor] };
    }

    internal override void Trace(Specs inputs, Specs targets) => TraceCompute(inputs, targets);

    /// <summary>What was decoded, as the loss takes it, and what it is compared with.</summary>
    public override (Tensor Prediction, Tensor Target) Compared(Tensors predictions, Batch batch) =>
        (predictions[0], ((IVariational)Network).Expected(batch.Input));

    /// <inheritdoc/>
    public override string ToString() => $"{Network}, {Reconstruction}{(Beta == 1 ? "" : $", β {Beta}")}";
}
