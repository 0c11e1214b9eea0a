using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// A convolution by Winograd's filtering. A unit is some strips of tiles: their windows are transformed, multiplied by the
/// transformed weights plane by plane and transformed back, as many tiles at once as L2 has room for. Where tiles
/// are few, units have a part of the channels: the weights are most of the work, and a thread transforms those that it needs.
/// </summary>
internal readonly unsafe struct WinogradProduct<V, F> : IRegion where V : struct, ILanes<V> where F : IWinograd
{
    private const int UnitsAimedAt = 8, TilesOfUnit = 8;

    private readonly TileGrid _grid;
    private readonly Patches _windows, _results;
    private readonly float* _weights;
    private readonly long _call;
    private readonly int _from, _to, _atOnce, _strips;
    private readonly bool _turns;
    private readonly BlockEpilogue? _epilogue;
    private readonly WinogradGuard<V, F> _guard;

    /// <param name="grid">The result's tiles.</param>
    /// <param name="windows">What they see.</param>
    /// <param name="weights">(taps, in, out), or where they are turned by half a circle and their channels exchanged (taps, out, in).</param>
    /// <param name="turns">Whether they are.</param>
    /// <param name="y">(batch, rows, columns, <paramref name="channels"/>).</param>
    /// <param name="channels">Channels of the result.</param>
    /// <param name="epilogue">What follows on finished pixels.</param>
    public WinogradProduct(in TileGrid grid, in Patches windows, float* weights, bool turns, float* y, int channels, BlockEpilogue? epilogue)
    {
        (_grid, _windows, _epilogue) = (grid, windows, epilogue);
        _results = new Patches((nint)y, grid.Rows, grid.Columns, channels, F.TileRows, F.TileColumns, 0, 0, channels % V.Count == 0);
        _weights = weights;
        _turns = turns;
        _guard = new(windows, weights, turns, grid.Step, channels);
        int all = WinogradChoice.Padded<V>(channels);
        bool isFew = !turns && grid.Strips * grid.TilesOfStrip < UnitsAimedAt * TilesOfUnit;
        _from = WinogradChoice.Padded<V>(windows.Channels);
        _to = isFew ? Math.Min(all, 2 * V.Count) : all;
        _call = WinogradChoice.NewCalls(Parts);
        int most = WinogradChoice.TilesAtOnce(F.Planes, _from + _to), fewest = (TilesOfUnit + grid.TilesOfStrip - 1) / grid.TilesOfStrip;
        _strips = Math.Clamp(most / grid.TilesOfStrip, 1, Math.Max(fewest, grid.Strips * Parts / UnitsAimedAt));
        _atOnce = Math.Min(most, _strips * grid.TilesOfStrip);
    }

    /// <summary>Parts of the channels, each with the units that all strips make.</summary>
    private int Parts => (_results.Channels + _to - 1) / _to;
    private int UnitsOfPart => (_grid.Strips + _strips - 1) / _strips;
    public int Units => Parts * UnitsOfPart;

    /// <summary>Units that make a chunk worth a thread.</summary>
    public int Grain => (int)Math.Clamp(Gemm.SerialWork / ((long)_strips * _grid.TilesOfStrip * F.Planes * _from * _to), 1, Units);

    private float* Weights(int part, int column, int columns)
    {
        int from = _windows.Channels;
        float* planes = WinogradWeights<V, F>.Room(from, columns, _turns);
        if (!WinogradChoice.TryEnter(_call + part)) return planes;
        if (_turns) WinogradWeights<V, F>.Exchanged(_weights, from, columns, planes, true);
        else WinogradWeights<V, F>.Straight(_weights, from, _results.Channels, column, columns, planes);
        WinogradChoice.WeightsAreWild = WinogradGuard<V, F>.AreWild(planes, WinogradWeights<V, F>.Pitch(from, columns),
            (nint)from * WinogradChoice.Padded<V>(columns));
        return planes;
    }

    public void Run(int begin, int end)
    {
        for (int after; begin < end; begin = after)
        {
            int part = begin / UnitsOfPart;
            after = Math.Min(end, (part + 1) * UnitsOfPart);
            Run(part, begin - part * UnitsOfPart, after - part * UnitsOfPart);
        }
    }

    private void Run(int part, int begin, int end)
    {
        int column = part * _to, columns = Math.Min(_to, _results.Channels - column), width = WinogradChoice.Padded<V>(columns);
        float* weights = Weights(part, column, columns);
        Patches results = _results with { Image = _results.Image + column * sizeof(float), Channels = columns };
        nint weightPitch = WinogradWeights<V, F>.Pitch(_windows.Channels, columns);
        nint pitchFrom = WinogradChoice.Pitch(_atOnce, _from), pitchTo = WinogradChoice.Pitch(_atOnce, width);
        float* from = (float*)Scratch.Get(WinogradChoice.PlaneSlot,
            (F.Planes * (pitchFrom + pitchTo) + WinogradChoice.PatchFloats(Math.Max(_from, width))) * sizeof(float));
        float* to = from + F.Planes * pitchFrom, patch = to + F.Planes * pitchTo;
        bool* found = stackalloc bool[WinogradChoice.MostTiles];
        bool all = WinogradChoice.WeightsAreWild;
        for (int unit = begin; unit < end; unit++)
        {
            int strip = unit * _strips, after = Math.Min(strip + _strips, _grid.Strips), tiles = (after - strip) * _grid.TilesOfStrip;
            for (int tile = 0; tile < tiles; tile += _atOnce)
            {
                int count = Math.Min(_atOnce, tiles - tile);
                PatchTransforms<V, F>.Windows(_grid, _windows, strip, tile, count, 0, F.Groups, from, pitchFrom, patch);
                bool any = WinogradGuard<V, F>.Find(from, pitchFrom, count, _from, F.WatchedOfWindow, found);
                // The next unit's tiles are this one's neighbours.
                int next = tile + count, last = unit + 1 < end ? tiles + _strips * _grid.TilesOfStrip : tiles;
                WinogradPrefetch<F> written = new(_grid, results, strip, tile, count),
                    windows = new(_grid, _windows, strip, next, Math.Min(_atOnce, last - next));
                for (int p = 0; p < F.Planes; p++)
                {
                    written.Ask(p);
                    windows.Ask(p);
                    PlaneProduct.Run<V>(from + p * pitchFrom, _from, 1, _windows.Channels, weights + p * weightPitch, width, to + p * pitchTo, width, count,
                        width, false);
                }
                PatchTransforms<V, F>.Results(_grid, results, strip, tile, count, to, pitchTo, patch);
                for (int t = 0; (any || all) && t < count; t++)
                    if (all || found[t]) _guard.Mend(_grid, results, strip + (tile + t) / _grid.TilesOfStrip, (tile + t) % _grid.TilesOfStrip, column, all);
            }
            int pixel = _grid.PixelsBefore(strip);
            _epilogue?.Finish(pixel, _grid.PixelsBefore(after) - pixel, column, columns);
        }
    }
}

/// <summary>Takes the patches of tiles to planes and back: in place where it can be, through a padded copy at the edges.</summary>
internal static unsafe class PatchTransforms<V, F> where V : struct, ILanes<V> where F : IWinograd
{
    /// <summary>
    /// Bᵀ · d for <paramref name="count"/> tiles from the <paramref name="tile"/>th behind a strip's beginning on, for some groups of planes.
    /// </summary>
    public static void Windows(in TileGrid grid, in Patches patches, int strip, int tile, int count, int group, int groups, float* planes, nint plane,
        float* room)
    {
        int channels = WinogradChoice.Padded<V>(patches.Channels);
        for (int t = 0; t < count;)
        {
            TileRun tiles = grid.RunAt(patches, strip, tile + t, tile + count, WinogradChoice.Together(channels));
            if (!tiles.IsInside) patches.Fetch<V>(grid, tiles, room);
            PatchRun run = Run(grid, patches, tiles, planes + (nint)t * channels, plane, room, channels);
            for (int g = group; g < group + groups; g++, run.Planes += F.Planes / F.Groups * plane) F.Window<V>(g, run);
            t += tiles.Count;
        }
    }

    /// <summary>A · dy.</summary>
    public static void Gradients(in TileGrid grid, in Patches patches, int strip, int tile, int count, int group, int groups, float* planes, nint plane,
        float* room)
    {
        int channels = WinogradChoice.Padded<V>(patches.Channels);
        for (int t = 0; t < count;)
        {
            TileRun tiles = grid.RunAt(patches, strip, tile + t, tile + count);
            if (!tiles.IsInside) patches.Fetch<V>(grid, tiles, room);
            PatchRun run = Run(grid, patches, tiles, planes + (nint)t * channels, plane, room, channels);
            for (int g = group; g < group + groups; g++, run.Planes += F.Planes / F.Groups * plane) F.Gradient<V>(g, run);
            t += tiles.Count;
        }
    }

    /// <summary>y = Aᵀ · planes.</summary>
    public static void Results(in TileGrid grid, in Patches patches, int strip, int tile, int count, float* planes, nint plane, float* room)
    {
        int channels = WinogradChoice.Padded<V>(patches.Channels);
        for (int t = 0; t < count;)
        {
            TileRun tiles = grid.RunAt(patches, strip, tile + t, tile + count);
            F.Result<V>(Run(grid, patches, tiles, planes + (nint)t * channels, plane, room, channels));
            if (!tiles.IsInside) patches.Put(tiles, grid.Step, room, channels);
            t += tiles.Count;
        }
    }

    /// <summary>Adds B · planes for some tiles of a strip to the rows that their windows see, all of which are there.</summary>
    public static void WindowGradients(in TileGrid strip, in Patches rows, int tile, int count, float* planes, nint plane)
    {
        for (int t = 0; t < count;)
        {
            TileRun tiles = strip.RunAt(rows, 0, tile + t, tile + count);
            F.WindowGradient<V>(Run(strip, rows, tiles, planes + (nint)t * rows.Channels, plane, null, rows.Channels));
            t += tiles.Count;
        }
    }

    private static PatchRun Run(in TileGrid grid, in Patches patches, in TileRun tiles, float* planes, nint plane, float* room, int channels) => new()
    {
        Planes = planes, Plane = plane, Count = tiles.Count, Channels = channels,
        Pixels = tiles.IsInside ? patches.At(tiles.Image, tiles.Row, tiles.Column) : room,
        Row = tiles.IsInside ? (nint)patches.Width * patches.Pitch : (nint)patches.ColumnsOf(tiles, grid.TileColumns) * channels,
        Pixel = tiles.IsInside ? (nint)grid.Step * patches.Pitch : channels,
        Next = (grid.Step == 1 ? grid.TileColumns : 1) * (nint)(tiles.IsInside ? patches.Pitch : channels),
    };
}
