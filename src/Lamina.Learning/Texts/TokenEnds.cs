namespace Lamina.Learning.Texts;

/// <summary>Keeps tokens in a span: all of them where they fit, otherwise the first ones and the last ones, in order.</summary>
internal ref struct TokenEnds(Span<int> tokens)
{
    private readonly Span<int> _tokens = tokens, _last = tokens[(tokens.Length - tokens.Length / 4)..];
    private int _count;

    /// <summary>Adds a token.</summary>
    public void Add(int token)
    {
        if (_count < _tokens.Length) _tokens[_count] = token;
        else if (_last.Length > 0) _last[(_count - _tokens.Length) % _last.Length] = token;
        if (_count < int.MaxValue) _count++;
    }

    /// <summary>Brings them in order, with 0 behind them.</summary>
    /// <returns>The number of tokens kept.</returns>
    public readonly int End()
    {
        if (_count <= _tokens.Length)
        {
            _tokens[_count..].Clear();
            return _count;
        }
        // The last ones are a ring: its oldest comes first.
        if (_last.Length > 0)
        {
            int oldest = (_count - _tokens.Length) % _last.Length;
            _last[..oldest].Reverse();
            _last[oldest..].Reverse();
            _last.Reverse();
        }
        return _tokens.Length;
    }
}
