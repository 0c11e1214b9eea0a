using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// Both gradients of a convolution by Winograd's filtering, which share the transformed tiles of dy: multiplied by the
/// weights they are the planes of windows of dx, multiplied by windows of x those of dw. A unit is a part of the images, whose
/// number depends on the shape alone; parts of dw are added in order.
/// </summary>
internal unsafe struct WinogradGradients<V, F> : IRegion where V : struct, ILanes<V> where F : IWinograd
{
    private const int FewestParts = 8, MostParts = 16, MostFloats = 1 << 21;
    /// <summary>
    /// Floats of the planes that are worked on at once: as many as weights and sums have, which come and go with each lot of tiles, but
    /// neither so few that transforms begin and end all the time nor more than L2 holds.
    /// </summary>
    private const int FewestFloats = 65_536, MostFloatsAtOnce = 262_144;

    private readonly TileGrid _grid;
    private readonly Patches _windows, _tiles, _results;
    private readonly float* _weights, _sums;
    private readonly long _call;
    private readonly int _in, _out, _parts, _atOnce;
    private readonly BlockEpilogue? _epilogue;
    private readonly WinogradGuard<V, F> _guard;

    /// <param name="grid">The tiles of dy.</param>
    /// <param name="windows">What they see of x.</param>
    /// <param name="tiles">dy.</param>
    /// <param name="weights">(taps, in, out).</param>
    /// <param name="dx">Of the shape of x.</param>
    /// <param name="sums">Room for <see cref="Floats"/>.</param>
    /// <param name="epilogue">What follows on finished pixels of dx.</param>
    public WinogradGradients(in TileGrid grid, in Patches windows, in Patches tiles, float* weights, float* dx, float* sums, BlockEpilogue? epilogue)
    {
        (_grid, _windows, _tiles, _epilogue) = (grid, windows, tiles, epilogue);
        _results = windows with { Image = (nint)dx };
        // dx is the convolution of dy with the weights turned by half a circle.
        Patches seen = tiles with { Top = F.Taps / 3 - 1 - windows.Top, Left = 2 * grid.Step - windows.Left };
        _guard = new(seen, weights, true, grid.Step, windows.Channels);
        _weights = weights;
        _sums = sums;
        _call = WinogradChoice.NewCalls();
        (_in, _out) = (WinogradChoice.Padded<V>(windows.Channels), WinogradChoice.Padded<V>(tiles.Channels));
        _parts = Parts(grid, windows.Channels, tiles.Channels);
        int floats = (int)Math.Clamp(2L * F.Planes * _in * _out, FewestFloats, MostFloatsAtOnce);
        _atOnce = Math.Clamp(floats / (F.Planes * (2 * _in + _out)), 8, WinogradChoice.MostTiles) & ~7;
    }

    /// <summary>Where images are many enough to be shared out, and the sums of each part few enough.</summary>
    public static bool Suits(in ConvShape s) => s.Batch >= FewestParts && FewestParts * FloatsOfPart(s.InChannels, s.OutChannels) <= MostFloats;

    /// <summary>The room for all parts' sums.</summary>
    public static long Floats(in TileGrid grid, in ConvShape s) => Parts(grid, s.InChannels, s.OutChannels) * FloatsOfPart(s.InChannels, s.OutChannels);

    private static int Parts(in TileGrid grid, int from, int to)
    {
        int parts = FewestParts;
        while (2 * parts <= Math.Min(MostParts, grid.Batch) && 2 * parts * FloatsOfPart(from, to) <= MostFloats) parts *= 2;
        return parts;
    }

    private static long FloatsOfPart(int from, int to) => F.Planes * WinogradChoice.Pitch(WinogradChoice.Padded<V>(from), WinogradChoice.Padded<V>(to));

    public readonly int Units => _parts;

    /// <summary>Transforms the sums to dw.</summary>
    public readonly WinogradTurn<V, F> Turn(float* dw, int* spoiled) => new(_sums, _parts, _windows.Channels, _tiles.Channels, dw, spoiled);

    private readonly float* Weights()
    {
        float* planes = WinogradWeights<V, F>.Room(_tiles.Channels, _windows.Channels, true);
        if (!WinogradChoice.TryEnter(_call)) return planes;
        WinogradWeights<V, F>.Exchanged(_weights, _tiles.Channels, _windows.Channels, planes, false);
        WinogradChoice.WeightsAreWild = WinogradGuard<V, F>.AreWild(planes, WinogradWeights<V, F>.Pitch(_tiles.Channels, _windows.Channels),
            (nint)_tiles.Channels * _in);
        return planes;
    }

    public readonly void Run(int begin, int end)
    {
        float* weights = Weights();
        nint pitchIn = WinogradChoice.Pitch(_atOnce, _in), pitchOut = WinogradChoice.Pitch(_atOnce, _out);
        nint pitch = WinogradChoice.Pitch(_in, _out), pitchWeights = WinogradWeights<V, F>.Pitch(_tiles.Channels, _windows.Channels);
        nint patchFloats = WinogradChoice.PatchFloats(Math.Max(_in, _out)),
            floats = F.Planes * (2 * pitchIn + pitchOut) + patchFloats + F.WindowRows * (nint)PixelsOfRow * _in + 2 * _grid.TilesOfStrip;
        float* x = (float*)Scratch.Get(WinogradChoice.PlaneSlot, floats * sizeof(float)), dx = x + F.Planes * pitchIn, dy = dx + F.Planes * pitchIn;
        float* patch = dy + F.Planes * pitchOut, rows = patch + patchFloats;
        // Tiles out of the ordinary: of those at once, of the strip that is added up, of the one before.
        bool* found = stackalloc bool[WinogradChoice.MostTiles], ofStrips = (bool*)(rows + F.WindowRows * (nint)PixelsOfRow * _in);
        for (int part = begin; part < end; part++)
        {
            int image = (int)((long)part * _grid.Batch / _parts), after = (int)((long)(part + 1) * _grid.Batch / _parts);
            int strip = image * _grid.StripsOfImage, tiles = (after - image) * _grid.StripsOfImage * _grid.TilesOfStrip;
            float* sums = _sums + part * F.Planes * pitch;
            for (int tile = 0; tile < tiles; tile += _atOnce)
            {
                int count = Math.Min(_atOnce, tiles - tile);
                PatchTransforms<V, F>.Gradients(_grid, _tiles, strip, tile, count, 0, F.Groups, dy, pitchOut, patch);
                bool any = WinogradGuard<V, F>.Find(dy, pitchOut, count, _out, F.WatchedOfGradient, found);
                PatchTransforms<V, F>.Windows(_grid, _windows, strip, tile, count, 0, F.Groups, x, pitchIn, patch);
                var results = new WinogradPrefetch<F>(_grid, _results, strip, tile, count);
                int next = tile + count, coming = Math.Min(_atOnce, tiles - next);
                WinogradPrefetch<F> windows = new(_grid, _windows, strip, next, coming), gradients = new(_grid, _tiles, strip, next, coming);
                for (int p = 0; p < F.Planes; p++)
                {
                    results.Ask(p);
                    windows.Ask(p);
                    gradients.Ask(p);
                    float* by = dy + p * pitchOut;
                    PlaneProduct.Run<V>(by, _out, 1, _tiles.Channels, weights + p * pitchWeights, _in, dx + p * pitchIn, _in, count, _in, false);
                    PlaneProduct.Run<V>(x + p * pitchIn, 1, _in, count, by, _out, sums + p * pitch, _out, _in, _out, tile > 0);
                }
                Add(strip, tile, count, dx, pitchIn, rows, any ? found : null, ofStrips);
            }
        }
    }

    /// <summary>
    /// Adds the planes' windows up in a strip of rows as wide as all windows of the strip; those that no later strip adds to go
    /// to dx, the others are the first of the next strip.
    /// </summary>
    private readonly void Add(int strip, int tile, int count, float* planes, nint plane, float* rows, bool* found, bool* ofStrips)
    {
        int pitch = PixelsOfRow * _in;
        TileGrid oneStrip = _grid with { Batch = 1, Rows = F.TileRows };
        var pixels = new Patches((nint)rows, F.WindowRows, PixelsOfRow, _in, F.WindowRows, F.TileColumns + 2, 0, 0, true);
        for (int t = 0; t < count;)
        {
            int first = (tile + t) % _grid.TilesOfStrip, after = Math.Min(_grid.TilesOfStrip, first + count - t);
            int line = strip + (tile + t) / _grid.TilesOfStrip, image = line / _grid.StripsOfImage,
                row = line % _grid.StripsOfImage * F.TileRows - _results.Top;
            if (first == 0)
            {
                int kept = row == -_results.Top ? 0 : F.WindowRows - F.TileRows;
                new Span<float>(rows + F.TileRows * pitch, kept * pitch).CopyTo(new Span<float>(rows, kept * pitch));
                new Span<float>(rows + kept * pitch, (F.WindowRows - kept) * pitch).Clear();
                Span<bool> last = new(ofStrips, _grid.TilesOfStrip), before = new(ofStrips + _grid.TilesOfStrip, _grid.TilesOfStrip);
                if (kept > 0) last.CopyTo(before);
                else before.Clear();
            }
            Span<bool> these = new(ofStrips + first, after - first);
            if (found == null) these.Clear();
            else new Span<bool>(found + t, after - first).CopyTo(these);
            PatchTransforms<V, F>.WindowGradients(oneStrip, pixels, first, after - first, planes + (nint)t * _in, plane);
            t += after - first;
            if (after < _grid.TilesOfStrip) return;
            bool isLast = row + _results.Top + F.TileRows >= _grid.Rows;
            Finish(image, row, isLast ? F.WindowRows : F.TileRows, rows, ofStrips);
        }
    }

    /// <summary>The columns that a strip's windows see.</summary>
    private readonly int PixelsOfRow => _grid.Column(_grid.TilesOfStrip - 1) + (F.TileColumns + 1) * _grid.Step + 1;

    private readonly void Finish(int image, int row, int rows, float* from, bool* found)
    {
        int first = Math.Max(0, -row), after = Math.Min(rows, _results.Height - row), channels = _results.Channels;
        if (first >= after) return;
        float* to = (float*)_results.Image + ((nint)image * _results.Height + row + first) * _results.Width * channels;
        from += (nint)(first * PixelsOfRow + _results.Left) * _in;
        for (int i = first; i < after; i++, from += (nint)PixelsOfRow * _in, to += (nint)_results.Width * channels)
            if (channels == _in) new Span<float>(from, _results.Width * channels).CopyTo(new Span<float>(to, _results.Width * channels));
            else
                for (int j = 0; j < _results.Width; j++) new Span<float>(from + (nint)j * _in,
                    channels).CopyTo(new Span<float>(to + (nint)j * channels, channels));
        Mend(image, row, first, after, found);
        _epilogue?.Finish((image * _results.Height + row + first) * _results.Width, (after - first) * _results.Width, 0, channels);
    }

    /// <summary>Computes again what isn't right in some finished rows.</summary>
    private readonly void Mend(int image, int row, int first, int after, bool* found)
    {
        bool all = WinogradChoice.WeightsAreWild;
        if (!all && new Span<bool>(found, 2 * _grid.TilesOfStrip).IndexOf(true) < 0) return;
        int strip = (row + _results.Top) / F.TileRows, channels = _results.Channels;
        for (int y = row + first; y < row + after; y++)
            for (int x = 0; x < _results.Width; x++)
            {
                float* to = (float*)_results.Image + (((nint)image * _results.Height + y) * _results.Width + x) * channels;
                if (all) _guard.Pixel(image, y, x, to, 0, channels);
                else _guard.MendSum(_grid, image, y, x, found, strip, to);
            }
    }
}
