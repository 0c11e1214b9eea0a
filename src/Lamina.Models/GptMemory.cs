using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>
/// Writes on with a <see cref="Gpt"/>, a token at a time: it keeps each block's keys and values of the tokens so far (a
/// key-value cache), so that one more token costs one step and not the whole text again. A step is a recorded plan that
/// writes to that memory in place and allocates nothing.
/// </summary>
public sealed class GptMemory
{
    private readonly Plan _plan, _forget;
    private readonly int _batch;

    /// <summary>An empty memory of texts that are written on together.</summary>
    /// <param name="model">The network; the memory reads its weights as they are at each step.</param>
    /// <param name="batch">How many texts.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no text.</exception>
    public GptMemory(Gpt model, int batch = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        GptOptions options = model.Options;
        _batch = batch;
        Steps = options.Context;
        Blocks = [.. model.Blocks.Select(_ => new Variable(Tensor.Zeros([batch, 2, options.Heads, Steps, options.Width / options.Heads])))];
        Position = new Variable(Tensor.Of(0L));
        _plan = new Plan(x => model.Next(x[0], this));
        // A plan of its own writes to the same memory, so that beginning anew allocates nothing either.
        _forget = new Plan(_ =>
        {
            Position.Value *= 0;
            return [];
        });
    }

    /// <summary>The most tokens that it holds: the network's context.</summary>
    public int Steps { get; }

    /// <summary>Number of tokens that it can hold.</summary>
    public int Count { get; private set; }

    /// <summary>For each block, (batch, 2, heads, steps, width of a head): keys and values.</summary>
    internal IReadOnlyList<Variable> Blocks { get; }

    /// <summary>Position of the next token, an int64 scalar.</summary>
    internal Variable Position { get; }

    /// <summary>Takes one more token of each text and gives the logits of the token after it.</summary>
    /// <param name="tokens">Whole numbers, (batch, 1).</param>
    /// <returns>(batch, vocabulary); valid until the next call.</returns>
    /// <exception cref="TensorException">The memory is full, or the tokens have another shape or don't exist.</exception>
    public Tensor Next(Tensor tokens)
    {
        if (tokens.Shape != new Shape(_batch, 1)) throw new TensorException($"one more token of {_batch} texts has shape ({_batch}, 1), not {tokens.Shape}");
        if (Count == Steps) throw new TensorException($"the memory is full: {Steps} tokens, the network's context", "Clear(), then the last tokens again");
        Tensor logits;
        using (Gradient.Pause()) logits = _plan.Run(tokens)[0];
        Count++;
        return logits;
    }

    /// <summary>Forgets all tokens.</summary>
    public void Clear()
    {
        Count = 0;
        _forget.Run();
    }
}
