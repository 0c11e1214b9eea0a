using System.Text;
using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>
/// Draws the inputs: SplitMix64 (Steele, Lea and Flood, 2014), seeded by the name of the file being recorded, so
/// that recording again gives the same file whatever else is recorded, and whatever torch does to its own generator.
/// </summary>
/// <remarks>Real values are multiples of 1/512: they are the same number in float32 and in float64.</remarks>
sealed class Draw(string name)
{
    const double Grid = 512;

    ulong state = Hash(name);

    /// <summary>Standard normal values.</summary>
    public Tensor Normal(params long[] shape) => Fill(shape, _ => Snap(NextNormal()));

    /// <summary>Values in [low, high).</summary>
    public Tensor Uniform(double low, double high, params long[] shape) => Fill(shape, _ => Snap(low + (high - low) * NextUnit()));

    /// <summary>Values around zero, no two the same: order never hangs on a tie.</summary>
    public Tensor Distinct(params long[] shape)
    {
        int count = (int)shape.Aggregate(1L, (a, b) => a * b);
        double[] values = [.. Enumerable.Range(0, count).Select(i => (i - count / 2) / 8.0)];
        for (int i = count - 1; i > 0; i--)        // Fisher and Yates
        {
            int j = (int)NextBelow(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
        return Fill(shape, i => values[i]);
    }

    /// <summary>Whole numbers in [low, high), as int64.</summary>
    public Tensor Integers(long low, long high, params long[] shape) => Fill(shape, _ => low + NextBelow(high - low)).to(int64);

    /// <summary>Fair coins, as bool.</summary>
    public Tensor Booleans(params long[] shape) => Fill(shape, _ => NextBelow(2)).to(@bool);

    static Tensor Fill(long[] shape, Func<int, double> value)
    {
        int count = (int)shape.Aggregate(1L, (a, b) => a * b);
        return tensor([.. Enumerable.Range(0, count).Select(value)], shape, float64);
    }

    static double Snap(double value) => Math.Round(value * Grid) / Grid;

    double NextNormal() =>                         // Box and Muller, 1958
        Math.Sqrt(-2 * Math.Log(1 - NextUnit())) * Math.Cos(2 * Math.PI * NextUnit());

    double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    long NextBelow(long bound) => (long)(Next() % (ulong)bound);

    ulong Next()
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    static ulong Hash(string name) =>              // FNV-1a
        Encoding.UTF8.GetBytes(name).Aggregate(14695981039346656037UL, (hash, b) => (hash ^ b) * 1099511628211UL);
}
