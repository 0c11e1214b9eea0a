namespace Lamina.Tensors.Engines.Cpu;

/// <summary>
/// Both gradients of a convolution by Winograd's filtering, which share the transformed tiles of dy: multiplied by the
/// weights they are the planes of windows of dx, multiplied by windows of x those of dw. A unit is a part of the images, whose
/// number depends on the shape alone; parts of dw are added in order.
/// </summary>
internal unsafe struct WinogradGradients<V, F> : IRegion where V : struct, ILanes<V> where F : IWinograd
{
    private const int FewestParts = 8, MostParts = 16, MostFloats = 1 << 21;

    private readonly TileGrid _grid;
    private readonly Patches _windows, _tiles, _results;
    private readonly float* _weights, _sums;
    private readonly long _call;
    private readonly int _in, _out, _parts, _atOnce;
    private readonly BlockEpilogue? _epilogue;

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
        _results = windows with { Picture = (nint)dx };
        _weights = weights;
        _sums = sums;
        _call = Winograd.NewCall();
        (_in, _out) = (Winograd.Padded<V>(windows.Channels), Winograd.Padded<V>(tiles.Channels));
        _parts = Parts(grid, windows.Channels, tiles.Channels);
        _atOnce = Winograd.TilesAtOnce(1, PlanesOfGroup * (_in + _out) + F.Planes * _in);
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

    private static long FloatsOfPart(int from, int to) => F.Planes * Winograd.Pitch(Winograd.Padded<V>(from), Winograd.Padded<V>(to));

    private static int PlanesOfGroup => F.Planes / F.Groups;

    public readonly int Units => _parts;

    /// <summary>What makes dw of the sums.</summary>
    public readonly WinogradTurn<V, F> Turn(float* dw) => new(_sums, _parts, _windows.Channels, _tiles.Channels, dw);

    private readonly float* Weights()
    {
        float* planes = WinogradWeights<V, F>.Room(_tiles.Channels, _windows.Channels, true);
        if (Winograd.TryEnter(_call)) WinogradWeights<V, F>.Exchanged(_weights, _tiles.Channels, _windows.Channels, planes, false);
        return planes;
    }

    public readonly void Run(int begin, int end)
    {
        float* weights = Weights();
        nint pitchIn = Winograd.Pitch(_atOnce, _in), pitchOut = Winograd.Pitch(_atOnce, _out), pitch = Winograd.Pitch(_in, _out), pitchWeights = WinogradWeights<V, F>.Pitch(_tiles.Channels, _windows.Channels);
        nint floats = PlanesOfGroup * (pitchIn + pitchOut) + F.Planes * pitchIn + Winograd.PatchFloats(Math.Max(_in, _out));
        float* x = (float*)Scratch.Get(Winograd.PlaneSlot, floats * sizeof(float)), dy = x + PlanesOfGroup * pitchIn, dx = dy + PlanesOfGroup * pitchOut, patch = dx + F.Planes * pitchIn;
        for (int part = begin; part < end; part++)
        {
            int image = (int)((long)part * _grid.Batch / _parts), after = (int)((long)(part + 1) * _grid.Batch / _parts);
            int strip = image * _grid.StripsOfImage, tiles = (after - image) * _grid.StripsOfImage * _grid.TilesOfStrip;
            float* sums = _sums + part * F.Planes * pitch;
            for (int tile = 0; tile < tiles; tile += _atOnce)
            {
                int count = Math.Min(_atOnce, tiles - tile);
                for (int group = 0; group < F.Groups; group++)
                {
                    PatchTransforms<V, F>.Gradients(_grid, _tiles, strip, tile, count, group, 1, dy, pitchOut, patch);
                    PatchTransforms<V, F>.Windows(_grid, _windows, strip, tile, count, group, 1, x, pitchIn, patch);
                    for (int p = 0, plane = group * PlanesOfGroup; p < PlanesOfGroup; p++, plane++)
                    {
                        float* by = dy + p * pitchOut;
                        PlaneProduct.Run<V>(by, _out, 1, _tiles.Channels, weights + plane * pitchWeights, _in, dx + plane * pitchIn, _in, count, _in, false);
                        PlaneProduct.Run<V>(x + p * pitchIn, 1, _in, count, by, _out, sums + plane * pitch, _out, _in, _out, tile > 0);
                    }
                }
                Add(strip, tile, count, dx, pitchIn, patch);
            }
        }
    }

    /// <summary>Adds the planes' windows to dx: rows are cleared before the first strip that sees them, and finished after the last.</summary>
    private readonly void Add(int strip, int tile, int count, float* planes, nint plane, float* patch)
    {
        for (int t = 0; t < count;)
        {
            TileRun tiles = _grid.RunAt(_results, strip, tile + t, tile + count, Winograd.Together(_in));
            int first = (tile + t) % _grid.TilesOfStrip, top = tiles.Row - _results.Top;
            bool isLast = tiles.Row + F.TileRows >= _grid.Rows;
            if (first == 0) Clear(tiles.Image, tiles.Row == 0 ? 0 : top + F.WindowRows - F.TileRows, isLast ? _results.Height : top + F.WindowRows);
            PatchTransforms<V, F>.WindowGradients(_grid, _results, tiles, planes + (nint)t * _in, plane, patch);
            t += tiles.Count;
            if (first + tiles.Count == _grid.TilesOfStrip) Finish(tiles.Image, tiles.Row == 0 ? 0 : top, isLast ? _results.Height : top + F.TileRows);
        }
    }

    private readonly void Clear(int image, int row, int after)
    {
        (row, after) = (Math.Clamp(row, 0, _results.Height), Math.Clamp(after, 0, _results.Height));
        int pitch = _results.Width * _results.Channels;
        if (row < after) new Span<float>((float*)_results.Picture + ((nint)image * _results.Height + row) * pitch, (after - row) * pitch).Clear();
    }

    private readonly void Finish(int image, int row, int after)
    {
        (row, after) = (Math.Clamp(row, 0, _results.Height), Math.Clamp(after, 0, _results.Height));
        if (row < after) _epilogue?.Finish((image * _results.Height + row) * _results.Width, (after - row) * _results.Width, 0, _results.Channels);
    }
}
