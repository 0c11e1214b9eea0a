using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Writing;

/// <summary>
/// Pieces of a text of one length: tokens, int32 (context), each with the token after it as its target. Either one behind the other, over a
/// whole part, or, for training, anywhere in it: where, says seed and epoch.
/// </summary>
internal sealed class TextWindows : Dataset
{
    private readonly TokenStore _tokens;
    private readonly long _begin, _end;
    private readonly int _context;
    private readonly bool _isRandom;

    private TextWindows(TokenStore tokens, long begin, long end, int context, int count, bool isRandom)
    {
        (_tokens, _begin, _end, _context, Count, _isRandom) = (tokens, begin, end, context, count, isRandom);
        Inputs = new Spec(DType.Int32, [context]);
    }

    /// <summary>So many pieces that begin anywhere.</summary>
    public static TextWindows Random(TokenStore tokens, long begin, long end, int context, int count) => new(tokens, begin, end, context, count, true);

    /// <summary>The pieces one behind the other; tokens at the end that fill none are left out.</summary>
    /// <param name="tokens">The tokens of the text.</param>
    /// <param name="begin">The part's first token.</param>
    /// <param name="end">The token behind its last.</param>
    /// <param name="context">Tokens of a piece.</param>
    /// <param name="most">The most pieces; of more, evenly spread ones are taken.</param>
    /// <param name="training">The counts of the training text, for the baseline; null where that isn't at hand.</param>
    public static TextWindows InOrder(TokenStore tokens, long begin, long end, int context, int most = int.MaxValue, Trigrams? training = null) =>
        new(tokens, begin, end, context, (int)Math.Min(most, Math.Max(0, (end - begin - 1) / context)), false) { Training = training };

    /// <summary>The counts of the training text, for the baseline; null where that isn't at hand.</summary>
    public Trigrams? Training { get; private init; }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override Specs Inputs { get; }

    /// <inheritdoc/>
    public override Specs Targets => Inputs;

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        Span<int> inputs = call.Inputs<int>(), targets = call.Targets<int>();
        Span<ushort> tokens = stackalloc ushort[Math.Min(_context + 1, 1025)];
        for (int i = 0; i < call.Indices.Length; i++)
        {
            long from = Begin(call.Indices[i], call.Seed, call.Epoch);
            for (int done = 0; done < _context;)
            {
                int count = Math.Min(_context - done, tokens.Length - 1);
                _tokens.Read(from + done, tokens[..(count + 1)]);
                for (int t = 0; t < count; t++) (inputs[i * _context + done + t], targets[i * _context + done + t]) = (tokens[t], tokens[t + 1]);
                done += count;
            }
        }
    }

    /// <summary>The tokens of a piece and the one after it.</summary>
    public int[] Tokens(int index)
    {
        var tokens = new ushort[_context + 1];
        _tokens.Read(Begin(index, 0, 0), tokens);
        return [.. tokens.Select(t => (int)t)];
    }

    private long Begin(int index, long seed, int epoch)
    {
        long places = _end - _begin - _context;
        if (!_isRandom)
        {
            long all = (_end - _begin - 1) / _context;
            return _begin + (Count == all ? index : index * all / Count) * _context;
        }
        // SplitMix64 (Steele, Lea and Flood, 2014) over seed, epoch and number: every place is as likely, in any order of reading.
        ulong z = Mix(Mix(Mix((ulong)seed) ^ (uint)epoch) ^ (uint)index);
        return _begin + (long)Math.BigMul(z, (ulong)places, out _);
    }

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
