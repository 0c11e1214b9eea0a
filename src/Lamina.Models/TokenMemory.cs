using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>A network that foretells the next token of a text: tokens (batch, steps) → logits (batch, steps, vocabulary).</summary>
public interface ILanguageModel
{
    /// <summary>The number of tokens that there are.</summary>
    int Vocabulary { get; }

    /// <summary>The most tokens that it looks back on; null where there is no limit.</summary>
    int? Context { get; }

    /// <summary>An empty memory of texts that it writes on, a token at a time.</summary>
    /// <param name="batch">How many texts.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no text.</exception>
    TokenMemory CreateMemory(int batch = 1);
}

/// <summary>
/// Writes on with a language model, a token at a time: what it knows of the tokens so far is kept, so that one more token costs one step and
/// not the whole text again. A step is a recorded plan that writes to that memory in place and allocates nothing. It is used by one thread
/// at a time.
/// </summary>
public abstract class TokenMemory
{
    private readonly Plan _plan, _forget;

    /// <summary>A memory of so many texts.</summary>
    /// <param name="batch">How many texts.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no text.</exception>
    protected TokenMemory(int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        Batch = batch;
        _plan = new Plan(x => Step(x[0]));
        // A plan of its own writes to the same memory, so that beginning anew allocates nothing either.
        _forget = new Plan(_ =>
        {
            Forget();
            return [];
        });
    }

    /// <summary>How many texts are written on together.</summary>
    public int Batch { get; }

    /// <summary>Number of tokens of each text that were read since it was empty.</summary>
    public int Count { get; private set; }

    /// <summary>Takes one more token of each text and gives the logits of the token after it.</summary>
    /// <param name="tokens">Whole numbers, (batch, 1).</param>
    /// <returns>(batch, vocabulary); valid until the next call.</returns>
    /// <exception cref="TensorException">The memory is full, or the tokens have another shape or don't exist.</exception>
    public Tensor Next(Tensor tokens)
    {
        if (tokens.Shape != new Shape(Batch, 1)) throw new TensorException($"one more token of {Batch} texts has shape ({Batch}, 1), not {tokens.Shape}");
        Prepare(tokens);
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

    /// <summary>What happens before a token is read, such as making room.</summary>
    protected virtual void Prepare(Tensor tokens)
    {
    }

    /// <summary>Reads a token of each text, (batch, 1), writes to the memory, and gives the logits (batch, vocabulary); it is recorded.</summary>
    protected abstract Tensor Step(Tensor tokens);

    /// <summary>Empties the variables; it is recorded.</summary>
    protected abstract void Forget();
}
