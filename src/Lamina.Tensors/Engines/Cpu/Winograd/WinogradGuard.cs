using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// Computes by the definition what Winograd's filtering can't (<c>docs/decisions/0017</c>). The planes of a tile mix all pixels of its
/// window, which cancel again in results that don't see them: up to roundings relative to the largest, and not at all if one is ∞ or NaN.
/// So some planes of each tile are looked at. Where they are out of the ordinary, a result is computed again if what its tile mixes is
/// infinite, or 256 times larger than all that the result's own window holds (and than 1: what is small is compared with that).
/// What is done depends on the tile alone.
/// </summary>
/// <param name="source">What the results see: x; for dx, dy.</param>
/// <param name="weights">(taps, channels of the source, <paramref name="channels"/>), or where they are turned (taps, <paramref name="channels"/>,
/// channels of the source).</param>
/// <param name="turns">Whether they are turned by half a circle and their channels exchanged.</param>
/// <param name="step">Columns from one tap to the next.</param>
/// <param name="channels">All channels of the result.</param>
internal readonly unsafe struct WinogradGuard<V, F>(Patches source, float* weights, bool turns, int step, int channels) where V : struct, ILanes<V>
    where F : IWinograd
{
    private const int MostTogether = 8 * Magnitude.Two;

    private static int TapRows => F.Taps / 3;

    /// <summary>Planes beyond this are looked into: 512; of filterings that keep to a result's window, what isn't a number.</summary>
    private static int LargestPlane => F.IsLocal ? Magnitude.Infinity - 1 : Magnitude.One + 9 * Magnitude.Two;

    /// <summary>Results that see more than this, 2¹⁰⁰, are computed again: planes might overflow.</summary>
    private static int LargestPixel => F.IsLocal ? Magnitude.Infinity - 1 : Magnitude.One + 100 * Magnitude.Two;

    /// <summary>Whether transformed weights are out of the ordinary, all rows of a plane together: then so is every result.</summary>
    public static bool AreWild(float* planes, nint plane, nint floats)
    {
        foreach (byte p in F.WatchedOfWeights)
            if (Magnitude.Largest(planes + p * plane, floats) > LargestPixel) return true;
        return false;
    }

    /// <summary>
    /// Finds the tiles whose planes are out of the ordinary, and says whether there are any; if not, <paramref name="found"/> stays as it is.
    /// </summary>
    public static bool Find(float* planes, nint plane, int tiles, int channels, ReadOnlySpan<byte> watched, bool* found)
    {
        int largest = 0;
        foreach (byte p in watched) largest = Math.Max(largest, Magnitude.Largest(planes + p * plane, (nint)tiles * channels));
        if (largest <= LargestPlane) return false;
        for (int t = 0; t < tiles; t++)
        {
            found[t] = false;
            foreach (byte p in watched) found[t] |= Magnitude.Largest(planes + p * plane + (nint)t * channels, channels) > LargestPlane;
        }
        return true;
    }

    /// <summary>Whether results between these are spoiled: what they see at most, and what is mixed into them.</summary>
    private static bool IsSpoiled(int seen, int mixed) => seen > LargestPixel || !F.IsLocal && mixed > (long)Math.Max(seen, Magnitude.One) + MostTogether;

    /// <summary>The same for the weights of a pair of taps: the largest sum and the smallest.</summary>
    public static bool AreSpoiled(int least, int most) => most >= Magnitude.Infinity || most > (long)Math.Max(least, Magnitude.One) + MostTogether;

    /// <summary>Computes a tile's results again where they are spoiled, or all of them.</summary>
    /// <param name="grid">The result's tiles.</param>
    /// <param name="results">Where they go: some channels from <paramref name="channel"/> on.</param>
    /// <param name="strip">The tile's strip.</param>
    /// <param name="tile">Its place in the strip.</param>
    /// <param name="channel">The first channel.</param>
    /// <param name="all">Whether all are computed again.</param>
    public void Mend(in TileGrid grid, in Patches results, int strip, int tile, int channel, bool all)
    {
        int image = strip / grid.StripsOfImage, top = strip % grid.StripsOfImage * F.TileRows, left = grid.Column(tile);
        int height = F.WindowRows, width = F.TileColumns + 2, mixed = 0;
        int* window = stackalloc int[36];
        for (int i = 0; i < height; i++)
            for (int j = 0; j < width; j++) mixed = Math.Max(mixed, window[i * width + j] = all ? 0
                : Size(image, top - source.Top + i, left - source.Left + j * step));
        for (int i = 0; i < F.TileRows && top + i < grid.Rows; i++)
            for (int j = 0; j < F.TileColumns && left + j * step < grid.Columns; j++)
            {
                int seen = 0;
                for (int tap = 0; tap < F.Taps; tap++) seen = Math.Max(seen, window[(i + tap / 3) * width + j + tap % 3]);
                if (all || IsSpoiled(seen, mixed)) Pixel(image, top + i, left + j * step, results.At(image, top + i, left + j * step), channel,
                    results.Channels);
            }
    }

    /// <summary>
    /// The same for a pixel of dx that is the sum of what several tiles of dy give to it, if one of those was found.
    /// </summary>
    /// <param name="grid">The tiles of dy.</param>
    /// <param name="image">The image.</param>
    /// <param name="row">The pixel's row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="found">Tiles that were found of the strip which was added last, and behind them of the one before.</param>
    /// <param name="strip">The strip in the image that was added last.</param>
    /// <param name="to">The pixel.</param>
    public void MendSum(in TileGrid grid, int image, int row, int column, bool* found, int strip, float* to)
    {
        (int down, int up) = Tiles(row - source.Top + TapRows - 1, F.TileRows, TapRows);
        int place = column - source.Left + 2 * step;
        (int right, int before) = Tiles(place / step, F.TileColumns, 3);
        bool isFound = false;
        for (int i = down - up; i <= down; i++)
            for (int j = right - before; j <= right; j++)
            {
                int tile = j * step + place % step;
                if (i <= strip && i >= strip - 1 && i >= 0 && j >= 0 && tile < grid.TilesOfStrip) isFound |= found[(strip - i) * grid.TilesOfStrip + tile];
            }
        if (!isFound) return;
        int seen = 0, mixed = 0;
        for (int tap = 0; tap < F.Taps; tap++) seen = Math.Max(seen, Size(image, row - source.Top + tap / 3, column - source.Left + tap % 3 * step));
        for (int i = (down - up) * F.TileRows; i < (down + 1) * F.TileRows; i++)
            for (int j = (right - before) * F.TileColumns; j < (right + 1) * F.TileColumns; j++) mixed = Math.Max(mixed,
                Size(image, i, j * step + place % step));
        if (IsSpoiled(seen, mixed)) Pixel(image, row, column, to, 0, channels);
    }

    /// <summary>The last tile along an axis whose window a pixel lies in, and how many are before it.</summary>
    private static (int Last, int Before) Tiles(int place, int tile, int taps) => (place / tile, place % tile < taps - 1 ? 1 : 0);

    /// <summary>The largest of a pixel's channels; 0 where there is none.</summary>
    private int Size(int image, int row, int column) =>
        (uint)row < (uint)source.Height && (uint)column < (uint)source.Width
            ? Magnitude.Largest((float*)source.Image + (((nint)image * source.Height + row) * source.Width + column) * source.Pitch, source.Channels) : 0;

    /// <summary>Channels of a result by the definition; what lies outside adds nothing, whatever the weights.</summary>
    [MethodImpl(Jit.Kernel)]
    public void Pixel(int image, int row, int column, float* to, int channel, int count)
    {
        int from = source.Channels, wide = turns ? 1 : V.Count;
        for (int c = 0; c < count; c += wide)
        {
            V sum = default;
            int lanes = Math.Min(wide, count - c);
            for (int tap = 0; tap < F.Taps; tap++)
            {
                int y = row - source.Top + tap / 3, x = column - source.Left + tap % 3 * step;
                if ((uint)y >= (uint)source.Height || (uint)x >= (uint)source.Width) continue;
                float* d = (float*)source.Image + (((nint)image * source.Height + y) * source.Width + x) * source.Pitch;
                if (turns)
                {
                    float* w = weights + ((nint)(F.Taps - 1 - tap) * channels + channel + c) * from;
                    for (int k = 0; k < from; k += V.Count) sum = V.Fma(Lanes.Load<V>(d + k, from - k), Lanes.Load<V>(w + k, from - k), sum);
                }
                else
                {
                    float* w = weights + (nint)tap * from * channels + channel + c;
                    for (int k = 0; k < from; k++, w += channels) sum = V.FmaOne(d + k, Lanes.Load<V>(w, lanes), sum);
                }
            }
            if (turns) V.StorePart(V.SumLanes(sum), to + c, 1);
            else Lanes.Store(sum, to + c, lanes);
        }
    }
}
