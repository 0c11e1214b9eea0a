namespace Lamina.Tasks.Images.Handwriting;

/// <summary>
/// A SplitMix64 stream (Steele, Lea and Flood, 2014) that begins at a place of its own for every (seed, index).
/// Only integer steps and exactly rounded float arithmetic, so that every machine draws the same values.
/// </summary>
internal struct KeyedRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15UL;

    private ulong _state;

    public KeyedRandom(ulong seed, long index)
        => _state = Mix(Mix(seed + Golden) ^ (unchecked((ulong)index) * 0xD1342543DE82EF95UL));

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        _state += Golden;
        return Mix(_state);
    }

    /// <summary>Evenly spread over [0, 1): 24 bits, every one of which a float holds exactly.</summary>
    public float Uniform() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Evenly spread over [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public float Uniform(float low, float high) => low + ((high - low) * Uniform());

    /// <summary>
    /// About normal, mean 0 and deviation 1, never past ±3.5: the sum of four uniforms (Irwin–Hall) from one draw.
    /// No logarithm, whose last bit would depend on the machine's library.
    /// </summary>
    public float Normal()
    {
        ulong bits = NextBits();
        uint sum = (uint)(bits & 0xFFFF) + (uint)((bits >> 16) & 0xFFFF) + (uint)((bits >> 32) & 0xFFFF) + (uint)(bits >> 48);
        return (((float)sum) - (2f * 65535f)) * (1.7320508f / 65535f);   // four uniforms on [0, 1] have variance 1/3
    }

    /// <summary>A whole number in [0, <paramref name="bound"/>).</summary>
    public int Below(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>True with probability <paramref name="chance"/>.</summary>
    public bool Chance(float chance) => Uniform() < chance;

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
