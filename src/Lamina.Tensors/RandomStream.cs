using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors;

/// <summary>
/// Random numbers on the host, for shuffling data and starting weights: Philox 4x32-10 (Salmon et al., 2011), the same on
/// every machine. A stream is a seed, a number and a position, and that is all that has to be saved to continue it;
/// streams of one seed are independent of each other, and of the random ops.
/// </summary>
public sealed class RandomStream
{
    private readonly uint[] _words = new uint[Philox.Words];
    private ulong _block = ulong.MaxValue;

    /// <summary>Stream number <paramref name="stream"/> of <paramref name="seed"/>, from its beginning.</summary>
    public RandomStream(ulong seed, ulong stream = 0) => (Seed, Stream) = (seed, stream);

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The number of the stream.</summary>
    public ulong Stream { get; }

    /// <summary>Number of 32-bit words drawn so far: set it to continue from there.</summary>
    public ulong Position { get; set; }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        ulong block = Position / Philox.Words;
        if (block != _block)
        {
            // Blocks fill 62 bits of the counter's lower half; the random ops set the highest bit of its second word.
            Philox.Block((uint)block, (uint)(block >> 32), (uint)Stream, (uint)(Stream >> 32), Seed, _words);
            _block = block;
        }
        return _words[Position++ % Philox.Words];
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => NextUInt32() | (ulong)NextUInt32() << 32;

    /// <summary>A float32 in [0, 1), one of 2²⁴.</summary>
    public float NextSingle() => Philox.Unit(NextUInt32());

    /// <summary>A float64 in [0, 1), one of 2⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>An integer in [0, <paramref name="max"/>), each as likely as the others (Lemire, 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is below 1.</exception>
    public int NextInt(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        uint range = (uint)max, surplus = (uint)(-range) % range;
        ulong product;
        do product = (ulong)NextUInt32() * range;
        while ((uint)product < surplus);
        return (int)(product >> 32);
    }

    /// <summary>A value of the standard normal distribution (Box and Muller, 1958).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in random order.</summary>
    public int[] Permutation(int count)
    {
        int[] items = [.. Enumerable.Range(0, count)];
        Shuffle(items);
        return items;
    }

    /// <summary>Brings items into random order, every order being as likely (Fisher and Yates, 1938; Durstenfeld, 1964).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
