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
    public MultiHeadAttention(int features, int heads, bool causal = false, bool bias = true, Initializer? initializer = null,
        Initializer? outputInitializer = null)
    {
        Heads = Expect.AtLeast(1, heads);
        Expect.Divides(heads, Expect.AtLeast(1, features), nameof(heads));
        _causal = causal;
        Projection = new Linear(features, 3 * features, bias, initializer);
        Output = new Linear(features, features, bias, outputInitializer ?? initializer);
    }

    /// <summary>Values in and out, for each step.</summary>
    public int Features => Output.Outputs;

    /// <summary>Number of attention heads.</summary>
    public int Heads { get; }

    private bool Bias => Output.Bias is not null;

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
        if (x.Rank != 3) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, steps, features)",
            "Unsqueeze(0) for a single sequence");
        return Output.Forward(Projection.Forward(x, pass).SelfAttention(Heads, mask, _causal), pass);
    }

    /// <summary>
    /// One more step of causal attention: the step's keys and values are written to a memory, and its query attends to all of them.
    /// </summary>
    /// <param name="x">The step, (batch, 1, features).</param>
    /// <param name="memory">Keys and values of the steps so far, (batch, 2, heads, steps, features / heads): those of a head behind one another.</param>
    /// <param name="position">The step's place in the memory, an int64 scalar.</param>
    /// <param name="seen">Which places have been written, this one among them: bool, (steps).</param>
    /// <exception cref="TensorException">The operands don't fit each other.</exception>
    public Tensor Next(Tensor x, Variable memory, Tensor position, Tensor seen)
    {
        if (x.Rank != 3 || x.Shape[1] != 1) throw new TensorException($"{this}: one more step has shape (batch, 1, features), not {x.Shape}");
        Tensor all = Projection.Forward(x).Reshape(x.Shape[0], 1, 3, Heads, Output.Outputs / Heads);
        memory.Value = memory.Value.UpdateSlice(3, all.Narrow(2, 1, 2).Transpose(0, 2, 3, 1, 4), position);
        Tensor known = memory.Value, heads = all.Narrow(2, 0, 1).Squeeze(2).ScaledDotProductAttention(Part(known, 0), Part(known, 1), seen);
        return Output.Forward(heads.Reshape(x.Shape));

        // (batch, steps, heads, width)
        static Tensor Part(Tensor parts, int index) => parts.Narrow(1, index, 1).Squeeze(1).Transpose(0, 2, 1, 3);
    }

    /// <inheritdoc/>
    public override string ToString() => $"MultiHeadAttention({Output.Outputs}, {Heads} heads{(_causal ? ", causal" : "")})";
}
