namespace Lamina.Tensors;

/// <summary>Placeholder until the Philox stream lands.</summary>
public sealed class RandomStream(ulong seed, ulong stream)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15 + stream;

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (uint)(z >> 32);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>Standard normal.</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextSingle())) * Math.Cos(2 * Math.PI * NextSingle());

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (((ulong)NextUInt32() << 32 | NextUInt32()) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 … <paramref name="max"/> − 1.</summary>
    public int NextInt(int max) => (int)((ulong)NextUInt32() * (ulong)max >> 32);

    /// <summary>The numbers 0 … <paramref name="count"/> − 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        Shuffle<int>(order);
        return order;
    }

    /// <summary>Puts the items in random order.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
