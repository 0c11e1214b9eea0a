using Lamina.Learning.Data;

namespace Lamina.Learning.Generation;

/// <summary>
/// Chooses the next token of a text by the logits that a language model gives: repetitions are penalised, then logits are divided by the
/// temperature, then the least likely are left out (top-k, top-p, min-p, in this order), then one is drawn. Random numbers are keyed by seed and
/// step, so the same seed gives the same text. A choice allocates nothing.
/// </summary>
public sealed class TokenSampler
{
    private readonly SamplingOptions _options;
    private readonly double[] _weights;
    private readonly int[] _order;
    private readonly Comparison<int> _byWeight; // kept, so that sorting allocates nothing
    private int _step;

    /// <summary>A sampler.</summary>
    /// <param name="options">How it chooses.</param>
    /// <param name="vocabulary">The number of tokens, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TokenSampler(SamplingOptions options, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        Require(options.Temperature is >= 0 and <= double.MaxValue, nameof(options.Temperature), options.Temperature, "a temperature is 0 or more");
        Require(options.TopK >= 0, nameof(options.TopK), options.TopK, "top-k is 0 (all tokens) or more");
        Require(options.TopP is > 0 and <= 1, nameof(options.TopP), options.TopP, "top-p is a probability above 0, to 1");
        Require(options.MinP is >= 0 and <= 1, nameof(options.MinP), options.MinP, "min-p is a share from 0 to 1");
        Require(options.RepetitionPenalty is >= 0.01 and <= 100, nameof(options.RepetitionPenalty), options.RepetitionPenalty,
            "a repetition penalty is from 0.01 to 100");
        _options = options;
        _weights = new double[vocabulary];
        _order = new int[vocabulary];
        _byWeight = (a, b) => _weights[a] != _weights[b] ? _weights[b].CompareTo(_weights[a]) : a.CompareTo(b);
    }

    private static void Require(bool holds, string name, object value, string rule)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, value, rule);
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">A number for each token; −∞ for one that can't come.</param>
    /// <param name="recent">The tokens that count as repetitions.</param>
    /// <exception cref="ArgumentException">There isn't a logit for each token, one is NaN or +∞, or no token can come.</exception>
    public int Next(ReadOnlySpan<float> logits, ReadOnlySpan<int> recent = default)
    {
        if (logits.Length != _weights.Length) throw new ArgumentException($"there are {logits.Length} logits, and {_weights.Length} tokens", nameof(logits));
        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(logits[i]) || float.IsPositiveInfinity(logits[i]))
                throw new ArgumentException($"the logit of token {i} is {logits[i]}", nameof(logits));
            _weights[i] = logits[i];
        }
        Penalize(logits, recent);
        for (int i = 1; i < _weights.Length; i++)
            if (_weights[i] > _weights[best]) best = i;
        if (double.IsNegativeInfinity(_weights[best])) throw new ArgumentException("no token can come: all logits are −∞", nameof(logits));
        float uniform = new ExampleDraws(_options.Seed, GenerationStream, _step++).Uniform(0)[0];
        if (_options.Temperature == 0) return best;
        double highest = _weights[best];
        for (int i = 0; i < _weights.Length; i++) _weights[i] = Math.Exp((_weights[i] - highest) / _options.Temperature);
        return Draw(Kept(), uniform);
    }

    // No epoch of a training has this number.
    private const int GenerationStream = -2;

    private void Penalize(ReadOnlySpan<float> logits, ReadOnlySpan<int> recent)
    {
        if (_options.RepetitionPenalty == 1) return;
        foreach (int token in recent) // once, however often it came
            if ((uint)token < (uint)logits.Length)
                _weights[token] = logits[token] * (logits[token] > 0 ? 1 / _options.RepetitionPenalty : _options.RepetitionPenalty);
    }

    // The number of tokens to choose from, which are the first of _order: the likeliest first, of equal ones the one of the smaller number.
    private int Kept()
    {
        int count = _order.Length;
        for (int i = 0; i < count; i++) _order[i] = i;
        if (_options.TopK is 0 && _options.TopP == 1)
        {
            if (_options.MinP > 0)
                for (int i = count = 0; i < _order.Length; i++)
                    if (_weights[i] >= _options.MinP) _order[count++] = i;
            return count;
        }
        double[] weights = _weights;
        _order.AsSpan().Sort(_byWeight);
        if (_options.TopK > 0) count = Math.Min(count, _options.TopK);
        if (_options.TopP < 1)
        {
            double sum = 0, seen = 0;
            for (int i = 0; i < count; i++) sum += weights[_order[i]];
            int needed = 0;
            while (needed < count && seen < _options.TopP * sum) seen += weights[_order[needed++]];
            count = Math.Max(1, needed);
        }
        while (count > 1 && weights[_order[count - 1]] < _options.MinP) count--;
        return count;
    }

    private int Draw(int count, double uniform)
    {
        double sum = 0, seen = 0;
        for (int i = 0; i < count; i++) sum += _weights[_order[i]];
        for (int i = 0; i < count; i++)
        {
            seen += _weights[_order[i]];
            if (uniform * sum < seen) return _order[i];
        }
        // Rounding alone comes here: the last that can come.
        for (int i = count - 1; ; i--)
            if (_weights[_order[i]] > 0) return _order[i];
    }
}
