using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// Attention of the steps of a sequence to one another, in several heads: (batch, steps, features) → the same shape (Vaswani
/// et al., 2017: "Attention is all you need"). One projection gives queries, keys and values, another mixes the heads' results.
/// </summary>
public sealed partial class MultiHeadAttention : Layer
{
    private readonly bool _causal;

    /// <summary>Attention for a given number of features.</summary>
    /// <param name="features">Values in and out, for each step.</param>
    /// <param name="heads">How many heads share the features.</param>
    /// <param name="causal">Whether a step sees only itself and the steps before it.</param>
    /// <param name="bias">Whether the projections add a bias.</param>
    /// <param name="initializer">The projections' first weights; <see cref="GlorotUniform"/> by default.</param>
    /// <param name="outputInitializer">The output's first weights, where they are others.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no heads, or they can't share the features evenly.</exception>
    public MultiHeadAttention(int features, int heads, bool causal = false, bool bias = true, Initializer? initializer = null, Initializer? outputInitializer = null)
    {
        Heads = Expect.AtLeast(1, heads);
        Expect.Divides(heads, Expect.AtLeast(1, features), nameof(heads));
        _causal = causal;
        Projection = new Linear(features, 3 * features, bias, initializer);
        Output = new Linear(features, features, bias, outputInitializer ?? initializer);
    }

    /// <summary>How many heads share the features.</summary>
    public int Heads { get; }

    /// <summary>To queries, keys and values side by side: (batch, steps, features) → (batch, steps, 3 · features).</summary>
    public Linear Projection { get; }

    /// <summary>Mixes the heads' results: (batch, steps, features) → the same shape.</summary>
    public Linear Output { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Attend(x, null, pass);

    /// <summary>The layer's result where not every step sees every other.</summary>
    /// <param name="x">The sequences, (batch, steps, features).</param>
    /// <param name="mask">Broadcasts to (batch, heads, steps, steps): bool, true where a step sees another, or a float that is added to scores.</param>
    /// <param name="pass">How the pass is meant; evaluation where it is null.</param>
    /// <exception cref="TensorException">The input or the mask doesn't fit.</exception>
    public Tensor Attend(Tensor x, Tensor? mask, Pass? pass = null)
    {
        pass ??= Pass.Evaluation;
        if (x.Rank != 3) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, steps, features)", "Unsqueeze(0) for a single sequence");
        return Output.Forward(Projection.Forward(x, pass).SelfAttention(Heads, mask, _causal), pass);
    }

    /// <inheritdoc/>
    public override string ToString() => $"MultiHeadAttention({Output.Outputs}, {Heads} heads{(_causal ? ", causal" : "")})";
}
