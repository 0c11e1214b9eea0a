using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>How a discriminator's logits are turned into losses; D(x) is the logit that x is real.</summary>
public enum AdversarialLoss
{
    /// <summary>
    /// Cross-entropy, with the generator's that doesn't saturate (Goodfellow et al., 2014): ln(1 + e⁻ᴰ⁽ˣ⁾) + ln(1 + eᴰ⁽ᴳ⁽ᶻ⁾⁾) for the discriminator,
    /// ln(1 + e⁻ᴰ⁽ᴳ⁽ᶻ⁾⁾) for the generator.
    /// </summary>
    NonSaturating,

    /// <summary>
    /// Hinge (Lim and Ye, 2017: "Geometric GAN"): max(0, 1 − D(x)) + max(0, 1 + D(G(z))) for the discriminator, −D(G(z)) for the generator. It goes
    /// with spectral norm in the discriminator.
    /// </summary>
    Hinge,
}

/// <summary>Two networks that learn from each other, as one module to train and save.</summary>
/// <param name="generator">The generator.</param>
/// <param name="discriminator">The discriminator.</param>
public sealed partial class AdversarialPair(Network generator, Network discriminator) : Module
{
    /// <summary>Draws examples from noise.</summary>
    public Network Generator { get; } = generator;

    /// <summary>Tells real examples from drawn ones.</summary>
    public Network Discriminator { get; } = discriminator;

    /// <inheritdoc/>
    public override string ToString() => $"{Generator} against {Discriminator}";
}

/// <summary>
/// Learning to draw by a game of two networks (Goodfellow et al., 2014: "Generative adversarial nets"): the generator makes examples of noise
/// (batch, noise), standard normal; the discriminator gives the logit that an example is real. A step has two phases: the discriminator learns
/// by the batch's examples and as many drawn ones, then the generator by what the updated discriminator says of the same drawn ones. Each phase
/// changes the parameters of its own network alone, by an optimiser of its own where it is a <see cref="Optimizers.MultiOptimizer"/>.
/// </summary>
/// <remarks>
/// The noise comes from (seed, step), in evaluation from numbers that are always the same. Real and drawn examples go through the discriminator
/// one batch after the other: a batch norm in it sees one kind at a time. What is drawn depends on the whole batch while a generator with batch norm is
/// trained, and on its own noise alone in evaluation. Both networks' inputs beyond the first (a class) are the batch's further inputs, then its
/// targets: an example is drawn of each real one's class. The losses say how the two stand, not how good the drawn examples are, so the last
/// epoch's weights are kept.
/// </remarks>
public sealed partial class AdversarialObjective : Objective
{
    private static readonly string[] s_parts = ["discriminator loss", "generator loss"];
    private static readonly Tensor s_evaluation = Tensor.From(0L, 0L);

    /// <summary>The objective of two networks.</summary>
    /// <param name="generator">From noise (batch, noise), and conditions, to examples.</param>
    /// <param name="discriminator">From examples, and conditions, to a logit each.</param>
    /// <param name="noise">Numbers of noise for each example, from 1.</param>
    /// <param name="loss">How logits are turned into losses.</param>
    /// <param name="model">The module that holds both, to train and save; null: an <see cref="AdversarialPair"/> of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no noise, or no such loss.</exception>
    /// <exception cref="ArgumentException">The networks take other numbers of conditions.</exception>
    public AdversarialObjective(Network generator, Network discriminator, int noise, AdversarialLoss loss = AdversarialLoss.NonSaturating,
        Module? model = null)
    {
        if (generator.InputNames.Count != discriminator.InputNames.Count)
            throw new ArgumentException($"{generator} takes {generator.InputNames.Count - 1} conditions, "
                + $"{discriminator} {discriminator.InputNames.Count - 1}: both take the same", nameof(discriminator));
        if (!Enum.IsDefined(loss)) throw new ArgumentOutOfRangeException(nameof(loss), loss, "there is no such loss");
        (Generator, Discriminator, Noise, Loss) = (generator, discriminator, Expect.AtLeast(1, noise), loss);
        Model = model ?? new AdversarialPair(generator, discriminator);
    }

    /// <summary>Draws examples from noise.</summary>
    public Network Generator { get; }

    /// <summary>Tells real examples from drawn ones.</summary>
    public Network Discriminator { get; }

    /// <summary>Numbers of noise for each example.</summary>
    public int Noise { get; }

    /// <summary>How logits are turned into losses.</summary>
    public AdversarialLoss Loss { get; }

    /// <inheritdoc/>
    public override Module Model { get; }

    /// <summary>The discriminator, then the generator.</summary>
    public override IReadOnlyList<TrainingPhase> Phases => [new("discriminator", Discriminator), new("generator", Generator)];

    /// <summary><c>discriminator loss</c> and <c>generator loss</c>.</summary>
    public override IReadOnlyList<string> PartNames => s_parts;

    /// <inheritdoc/>
    public override bool LossRanksEpochs => false;

    /// <inheritdoc/>
    public override void Build(Specs inputs)
    {
        Specs given = Given(inputs, Discriminator);
        if (!Generator.IsBuilt) Generator.Build(Specs.Create([new Spec(DType.Float32, [Noise]), .. given.ToArray().Skip(1)]));
        if (!Discriminator.IsBuilt) Discriminator.Build(given);
    }

    /// <summary>Both losses, and their sum; nothing is updated between them.</summary>
    public override ObjectiveResult Compute(Batch batch, Pass pass) => Together(ComputePhases(batch, pass));

    /// <inheritdoc/>
    public override IEnumerable<ObjectiveResult> ComputePhases(Batch batch, Pass pass)
    {
        if (batch.Weights is not null)
            throw new TensorException($"{this} takes no example weights", "a data set without weights");
        Tensors given = Given(batch, Discriminator);
        Tensor[] conditions = [.. given.Span[1..]];
        Shape shape = [batch.Count, Noise];
        Tensor noise = pass.IsTraining ? Tensor.RandomNormal(shape, pass.Key, pass.NextStream()) : Tensor.RandomNormal(shape, s_evaluation, 0);
        Tensor drawn = Generator.Forward(Tensors.Create([noise.Cast(given[0].DType), .. conditions]), pass)[0];
        if (drawn.Spec != given[0].Spec)
            throw new TensorException($"{Generator} draws {drawn.Spec}, the data has {given[0].Spec}", "a generator of the data's shape");
        Tensor Judge(Tensor x) => Discriminator.Forward(Tensors.Create([x, .. conditions]), pass)[0];

        Tensor real = Judge(given[0]), other = Judge(drawn);
        Tensor loss = Loss == AdversarialLoss.Hinge ? (1 - real).Relu().Mean() + (1 + other).Relu().Mean()
            : (-real).Softplus().Mean() + other.Softplus().Mean();
        yield return new(loss, Tensors.Create([drawn, real, other]));

        // The discriminator is another one now.
        Tensor judged = Judge(drawn);
        yield return new(Loss == AdversarialLoss.Hinge ? -judged.Mean() : (-judged).Softplus().Mean(), Tensors.Create([drawn, real, other]));
    }

    internal override void Trace(Specs inputs, Specs targets) => TraceCompute(inputs, targets);

    /// <summary>What was drawn, and the real examples.</summary>
    public override (Tensor Prediction, Tensor Target) Compared(Tensors predictions, Batch batch) => (predictions[0], batch.Inputs[0]);

    /// <inheritdoc/>
    public override string ToString() => $"{Generator} against {Discriminator}, {Loss}";
}
