using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// Attention of the steps of a sequence to one another, or to those of another sequence, in several heads: (batch, steps, features) → the same
/// shape (Vaswani et al., 2017: "Attention is all you need"). One projection gives queries, keys and values, another mixes the heads' results.
/// Heads may share keys and values in groups (Ainslie et al., 2023: "GQA"), look back on a window alone (Beltagy, Peters and Cohan, 2020:
/// "Longformer"), and know positions by rotation (<see cref="RotaryEmbedding"/>).
/// </summary>
public sealed partial class MultiHeadAttention : Layer
{
    private readonly bool _causal;
    private readonly int? _window;

    /// <summary>Attention for a given number of features.</summary>
    /// <param name="features">Values in and out, for each step.</param>
    /// <param name="heads">How many heads share the features.</param>
    /// <param name="causal">Whether a step sees only itself and the steps before it.</param>
    /// <param name="bias">Whether the projections add a bias.</param>
    /// <param name="initializer">The projections' first weights; <see cref="GlorotUniform"/> by default.</param>
    /// <param name="outputInitializer">The output's first weights, where they are others.</param>
    /// <param name="keyValueHeads">How many heads of keys and values there are, a divisor of the heads; null: as many as heads.</param>
    /// <param name="window">A step sees the steps that are less than so many away from it; null: all.</param>
    /// <param name="rotary">Turns queries and keys by their position; null: attention doesn't know positions.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no heads, or they can't share the features evenly; or the window is below 1.</exception>
    public MultiHeadAttention(int features, int heads, bool causal = false, bool bias = true, Initializer? initializer = null,
        Initializer? outputInitializer = null, int? keyValueHeads = null, int? window = null, RotaryEmbedding? rotary = null)
    {
        Heads = Expect.AtLeast(1, heads);
        Expect.Divides(heads, Expect.AtLeast(1, features), nameof(heads));
        KeyValueHeads = Expect.AtLeast(1, keyValueHeads ?? heads, nameof(keyValueHeads));
        Expect.Divides(KeyValueHeads, heads, nameof(keyValueHeads));
        _causal = causal;
        _window = window is { } w ? Expect.AtLeast(1, w, nameof(window)) : null;
        Rotary = rotary;
        if (rotary is not null && features / heads % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(heads), heads, $"a head of {features / heads} features has no halves to rotate");
        Projection = new Linear(features, features + 2 * KeyValueHeads * (features / heads), bias, initializer);
        Output = new Linear(features, features, bias, outputInitializer ?? initializer);
    }

    /// <summary>Values in and out, for each step.</summary>
    public int Features => Output.Outputs;

    /// <summary>Number of attention heads.</summary>
    public int Heads { get; }

    /// <summary>Number of heads of keys and values.</summary>
    public int KeyValueHeads { get; }

    /// <summary>Turns queries and keys by their position, or null.</summary>
    public RotaryEmbedding? Rotary { get; }

    private bool Bias => Output.Bias is not null;

    private int Width => Features / Heads;

    /// <summary>To queries, keys and values side by side: (batch, steps, features) → (batch, steps, (heads + 2 · key-value heads) · width of a head).</summary>
    public Linear Projection { get; }

    /// <summary>Mixes the heads' results: (batch, steps, features) → the same shape.</summary>
    public Linear Output { get; }

    /// <summary>A mask for <see cref="Attend"/> of which steps count, such as those that are no padding.</summary>
    /// <param name="steps">(batch, steps): above 0, or true, where there is a step.</param>
    public static Tensor Padding(Tensor steps) =>
        (steps.DType == DType.Bool ? steps : steps > Tensor.Full([], 0, steps.DType)).Reshape(steps.Shape[0], 1, 1, steps.Shape[1]);

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
        Check(x);
        Tensor all = Projection.Forward(x, pass);
        if (_window is { } window && window < x.Shape[1]) mask = Both(mask, Near(x.Shape[1], window), x.DType);
        if (Rotary is null && KeyValueHeads == Heads) return Output.Forward(all.SelfAttention(Heads, mask, _causal), pass);
        Tensor queries = Part(all, 0, Heads), keys = Part(all, Heads, KeyValueHeads);
        if (Rotary is not null) (queries, keys) = (Rotary.Forward(queries, pass), Rotary.Forward(keys, pass));
        return Mixed(queries.ScaledDotProductAttention(ForAll(keys), ForAll(Part(all, Heads + KeyValueHeads, KeyValueHeads)), mask, _causal), pass);
    }

    /// <summary>Attention to the steps of another sequence (cross-attention); window, rotation and causality are of one sequence, and play no part.</summary>
    /// <param name="x">The sequences that ask, (batch, steps, features).</param>
    /// <param name="other">The sequences that answer, (batch, other steps, features).</param>
    /// <param name="mask">Broadcasts to (batch, heads, steps, other steps): bool, true where a step sees another, or a float that is added to scores.</param>
    /// <param name="pass">How the pass is meant; evaluation where it is null.</param>
    /// <exception cref="TensorException">The inputs or the mask don't fit.</exception>
    public Tensor AttendTo(Tensor x, Tensor other, Tensor? mask = null, Pass? pass = null)
    {
        (Tensor keys, Tensor values) = KeysAndValues(other);
        return AttendTo(x, keys, values, mask, pass);
    }

    /// <summary>The same where keys and values are known already, by <see cref="KeysAndValues"/>.</summary>
    /// <inheritdoc cref="AttendTo(Tensor, Tensor, Tensor?, Pass?)"/>
    /// <param name="x">The sequences that ask, (batch, steps, features).</param>
    /// <param name="keys">(batch, other steps, heads, width).</param>
    /// <param name="values">Of the same shape.</param>
    /// <param name="mask">Broadcasts to (batch, heads, steps, other steps): bool, true where a step sees another, or a float that is added to scores.</param>
    /// <param name="pass">How the pass is meant; evaluation where it is null.</param>
    public Tensor AttendTo(Tensor x, Tensor keys, Tensor values, Tensor? mask = null, Pass? pass = null)
    {
        Check(x);
        return Mixed(Part(Projected(x, 0, Features), 0, Heads).ScaledDotProductAttention(keys, values, mask), pass ?? Pass.Evaluation);
    }

    /// <summary>Keys and values of sequences (batch, steps, features) that are attended to: each (batch, steps, heads, width).</summary>
    public (Tensor Keys, Tensor Values) KeysAndValues(Tensor other)
    {
        Check(other);
        Tensor both = Projected(other, Features, 2 * KeyValueHeads * Width);
        return (ForAll(Part(both, 0, KeyValueHeads)), ForAll(Part(both, KeyValueHeads, KeyValueHeads)));
    }

    /// <summary>
    /// One more step of causal attention: the step's keys and values are written to a memory, and its query attends to all of them.
    /// </summary>
    /// <param name="x">The step, (batch, 1, features).</param>
    /// <param name="memory">Keys and values of the steps so far, (batch, 2, key-value heads, places, width): those of a head behind one another.</param>
    /// <param name="position">The step's position in its sequence, an int64 scalar.</param>
    /// <param name="place">The step's place in the memory, an int64 scalar.</param>
    /// <param name="seen">Which places have been written, this one among them: bool, (places).</param>
    /// <exception cref="TensorException">The operands don't fit each other.</exception>
    public Tensor Next(Tensor x, Variable memory, Tensor position, Tensor place, Tensor seen)
    {
        if (x.Rank != 3 || x.Shape[1] != 1) throw new TensorException($"{this}: one more step has shape (batch, 1, features), not {x.Shape}");
        Tensor all = Projection.Forward(x), queries = Part(all, 0, Heads), written = all.Narrow(2, Features, 2 * KeyValueHeads * Width)
            .Reshape(x.Shape[0], 1, 2, KeyValueHeads, Width);
        if (Rotary is not null)
        {
            queries = Rotary.At(queries, position);
            written = Tensor.Concat([Rotary.At(written.Narrow(2, 0, 1).Squeeze(2), position).Unsqueeze(2), written.Narrow(2, 1, 1)], 2);
        }
        memory.Value = memory.Value.UpdateSlice(3, written.Transpose(0, 2, 3, 1, 4), place);
        Tensor known = memory.Value, heads = queries.ScaledDotProductAttention(ForAll(Known(known, 0)), ForAll(Known(known, 1)), seen);
        return Output.Forward(heads.Reshape(x.Shape));

        // (batch, places, heads, width)
        static Tensor Known(Tensor parts, int index) => parts.Narrow(1, index, 1).Squeeze(1).Transpose(0, 2, 1, 3);
    }

    // (batch, steps, any · width) → some of its heads: (batch, steps, heads, width)
    private Tensor Part(Tensor all, int first, int heads)
    {
        Tensor part = first == 0 && heads * Width == all.Shape[2] ? all : all.Narrow(2, first * Width, heads * Width);
        return part.Reshape(all.Shape[0], all.Shape[1], heads, Width);
    }

    // A head of keys or values serves several heads of queries, one behind the other.
    private Tensor ForAll(Tensor x)
    {
        int times = Heads / KeyValueHeads;
        return times == 1 ? x : x.Unsqueeze(3).BroadcastTo(new Shape(x.Shape[0], x.Shape[1], KeyValueHeads, times, Width))
            .Reshape(x.Shape[0], x.Shape[1], Heads, Width);
    }

    // Some columns of the projection alone, which is a call of it to whoever looks.
    private Tensor Projected(Tensor x, int first, int count)
    {
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(Projection, x);
        Tensor y = x.MatMul(Projection.Weight.Value.Narrow(1, first, count));
        if (Projection.Bias is { } bias) y += bias.Value.Narrow(0, first, count);
        tracer?.Leave(Projection, y);
        return y;
    }

    private Tensor Mixed(Tensor heads, Pass pass) => Output.Forward(heads.Reshape(heads.Shape[0], heads.Shape[1], Features), pass);

    // (steps, steps): true where two steps are less than a window apart.
    private static Tensor Near(int steps, int window) =>
        Tensor.From([.. Enumerable.Range(0, steps * steps).Select(i => Math.Abs(i / steps - i % steps) < window)], [steps, steps]);

    private static Tensor Both(Tensor? mask, Tensor near, DType type)
    {
        if (mask is null) return near;
        return mask.DType == DType.Bool ? Tensor.Where(mask, near, Tensor.From([false], []))
            : mask + Tensor.Where(near, Tensor.Full([], 0, type), Tensor.Full([], double.NegativeInfinity, type));
    }

    private void Check(Tensor x)
    {
        if (x.Rank != 3 || x.Shape[2] != Features)
            throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, steps, {Features})",
                x.Rank == 2 ? "Unsqueeze(0) for a single sequence" : null);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"MultiHeadAttention({Features}, {Heads} heads";
        if (KeyValueHeads != Heads) text += $", {KeyValueHeads} of keys and values";
        if (_causal) text += ", causal";
        if (_window is { } window) text += $", window {window}";
        return text + (Rotary is null ? ")" : ", rotary)");
    }
}
