using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>
/// Writes translations of a group of sentences with a <see cref="TransformerTranslator"/>, a token at a time: the encoder's keys and values, and the
/// decoder's of the tokens so far, are kept. Rows may change places between two tokens, which a beam search needs.
/// </summary>
public sealed class TranslatorMemory
{
    private readonly TransformerTranslator _model;
    private readonly Plan _read, _next;

    /// <summary>A memory for groups of sentences of one size.</summary>
    /// <param name="model">The network; the memory reads its weights as they are at each step.</param>
    /// <param name="rows">How many sentences are written together.</param>
    /// <param name="steps">Tokens of each source sentence, padding included.</param>
    /// <param name="places">The most tokens that are written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public TranslatorMemory(TransformerTranslator model, int rows, int steps, int places)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(places, 1);
        TranslatorOptions o = model.Options;
        int width = o.Width / o.Heads;
        (_model, Rows, Steps, Places) = (model, rows, steps, places);
        Variable[] Each(Shape shape) => [.. Enumerable.Range(0, o.DecoderLayers).Select(_ => new Variable(Tensor.Zeros(shape)))];
        Blocks = Each([rows, 2, o.Heads, places, width]);
        Keys = Each([rows, steps, o.Heads, width]);
        Values = Each([rows, steps, o.Heads, width]);
        Mask = new Variable(Tensor.Zeros([rows, 1, 1, steps]).Cast(DType.Float32));
        Position = new Variable(Tensor.Of(0L));
        _read = new Plan(x => Read(x[0]));
        _next = new Plan(x => Next(x[0], x[1]));
    }

    /// <summary>How many sentences are written together.</summary>
    public int Rows { get; }

    /// <summary>Tokens of each source sentence, padding included.</summary>
    public int Steps { get; }

    /// <summary>The most tokens that are written.</summary>
    public int Places { get; }

    /// <summary>Number of tokens of each sentence that were written since it was begun.</summary>
    public int Count { get; private set; }

    internal IReadOnlyList<Variable> Blocks { get; }

    internal IReadOnlyList<Variable> Keys { get; }

    internal IReadOnlyList<Variable> Values { get; }

    // What is added to scores: 0 where there is a token, −∞ where there is padding.
    internal Variable Mask { get; }

    internal Variable Position { get; }

    /// <summary>Reads sentences and begins anew.</summary>
    /// <param name="source">Tokens, (rows, steps), 0 where there is padding.</param>
    /// <exception cref="TensorException">They have another shape.</exception>
    public void Begin(Tensor source)
    {
        if (source.Shape != new Shape(Rows, Steps)) throw new TensorException($"the sentences have shape {source.Shape}, not ({Rows}, {Steps})");
        using (Gradient.Pause()) _read.Run(source);
        Count = 0;
    }

    /// <summary>Takes one more token of each sentence and gives the logits of the token after it.</summary>
    /// <param name="tokens">Whole numbers, (rows, 1).</param>
    /// <param name="from">Which row's tokens so far come before each, int64 (rows).</param>
    /// <returns>(rows, vocabulary); valid until the next call.</returns>
    /// <exception cref="TensorException">The memory is full, or the inputs have another shape.</exception>
    public Tensor Write(Tensor tokens, Tensor from)
    {
        if (tokens.Shape != new Shape(Rows, 1) || from.Shape != new Shape(Rows))
            throw new TensorException($"the tokens have shape {tokens.Shape} and the rows {from.Shape}, not ({Rows}, 1) and ({Rows})");
        if (Count == Places) throw new TensorException($"the memory is full: {Places} tokens");
        Tensor logits;
        using (Gradient.Pause()) logits = _next.Run(tokens, from)[0];
        Count++;
        return logits;
    }

    internal Tensor Seen(Tensor position) => Tensor.From([.. Enumerable.Range(0, Places).Select(i => (long)i)]) <= position;

    private Tensors.Tensors Read(Tensor source)
    {
        Tensor mask = MultiHeadAttention.Padding(source), read = _model.Encode(source, mask, Pass.Evaluation);
        Mask.Value = Tensor.Where(mask, Tensor.Full([], 0, DType.Float32), Tensor.Full([], double.NegativeInfinity, DType.Float32));
        for (int i = 0; i < Blocks.Count; i++) (Keys[i].Value, Values[i].Value) = _model.Decoder[i].Other!.KeysAndValues(read);
        Position.Value *= 0;
        return [];
    }

    private Tensor Next(Tensor tokens, Tensor from)
    {
        foreach (Variable block in Blocks) block.Value = block.Value.Rows(from);
        Tensor logits = _model.Next(tokens, this);
        Position.Value += Tensor.Of(1L);
        return logits;
    }
}
