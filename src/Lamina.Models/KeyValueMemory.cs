using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>
/// The memory of a <see cref="Gpt"/> or <see cref="Llama"/>: each block's keys and values of the tokens so far (a key-value cache). Where the
/// context is full, a Llama forgets the oldest token, whose place the new one takes; a Gpt, whose positions are fixed, forgets the older half and
/// reads the other half again, so that a token costs twice as much on average.
/// </summary>
public sealed class KeyValueMemory : TokenMemory
{
    private readonly Func<Tensor, KeyValueMemory, Tensor> _next;
    private readonly long[]? _read; // (places, batch), where they are read again
    private bool _isReading;

    /// <summary>An empty memory of texts that are written on together.</summary>
    /// <param name="model">The network; the memory reads its weights as they are at each step.</param>
    /// <param name="batch">How many texts.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no text.</exception>
    public KeyValueMemory(Gpt model, int batch = 1)
        : this(batch, model.Options.Context, model.Options.Layers, model.Options.Heads, model.Options.Width / model.Options.Heads, model.Next, rereads: true)
    {
    }

    /// <inheritdoc cref="KeyValueMemory(Gpt, int)"/>
    public KeyValueMemory(Llama model, int batch = 1)
        : this(batch, Math.Min(model.Options.Context, model.Options.Window ?? int.MaxValue), model.Options.Layers, model.Options.KeyValueHeads,
            model.Options.Width / model.Options.Heads, model.Next, rereads: false)
    {
    }

    private KeyValueMemory(int batch, int places, int layers, int heads, int width, Func<Tensor, KeyValueMemory, Tensor> next, bool rereads) : base(batch)
    {
        (Places, _next, _read) = (places, next, rereads ? new long[places * batch] : null);
        Blocks = [.. Enumerable.Range(0, layers).Select(_ => new Variable(Tensor.Zeros([batch, 2, heads, places, width])))];
        Position = new Variable(Tensor.Of(0L));
    }

    /// <summary>The most tokens that it holds: the network's context, or its window.</summary>
    public int Places { get; }

    /// <summary>For each block, (batch, 2, heads, places, width of a head): keys and values.</summary>
    internal IReadOnlyList<Variable> Blocks { get; }

    /// <summary>Position of the next token, an int64 scalar.</summary>
    internal Variable Position { get; }

    /// <inheritdoc/>
    protected override void Prepare(Tensor tokens)
    {
        if (_read is null || _isReading) return;
        if (Count == Places) ReadAgain(_read, tokens.DType);
        for (int i = 0; i < Batch; i++) _read[Count * Batch + i] = tokens.DType == DType.Int32 ? tokens.Read<int>()[i] : tokens.Read<long>()[i];
    }

    // The newer half, as if the text began there.
    private void ReadAgain(long[] read, DType type)
    {
        int kept = Places / 2;
        Array.Copy(read, (Places - kept) * Batch, read, 0, kept * Batch);
        Clear();
        _isReading = true;
        try
        {
            for (int i = 0; i < kept; i++) Next(Tensor.From(read[(i * Batch)..((i + 1) * Batch)], new Shape(Batch, 1)).Cast(type));
        }
        finally
        {
            _isReading = false;
        }
    }

    /// <inheritdoc/>
    protected override Tensor Step(Tensor tokens)
    {
        Tensor logits = _next(tokens, this);
        Position.Value += Tensor.Of(1L);
        return logits;
    }

    /// <inheritdoc/>
    protected override void Forget() => Position.Value *= 0;

    /// <summary>The next token's place: the place after the last one's, or the first again.</summary>
    internal Tensor Place(Tensor position)
    {
        // What is left of position / places; the quotient is exact in float64 up to 2⁵³ tokens.
        Tensor rounds = (position.Cast(DType.Float64) / Tensor.Of((double)Places)).Floor().Cast(DType.Int64);
        return position - rounds * Tensor.Of((long)Places);
    }

    /// <summary>Which places have been written when the token at a position is: bool, (places).</summary>
    internal Tensor Seen(Tensor position) => Tensor.From([.. Enumerable.Range(0, Places).Select(i => (long)i)]) <= position;
}
