using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// The gradient of a convolution's weights by Winograd's filtering: windows of x and tiles of dy are transformed, and
/// multiplied plane by plane with the sum running over tiles. A unit is a part of the strips, whose number depends on the
/// shape alone; they are added in order. Where the sums of all planes leave no room in L2, a unit is a group
/// of planes, though x and dy are then read for each group.
/// </summary>
internal unsafe struct WinogradWeightGradient<V, F> : IRegion where V : struct, ILanes<V> where F : IWinograd
{
    private const int UnitsAimedAt = 24, MostFloats = 1 << 20, FloatsOfSums = 40_960;

    private readonly TileGrid _grid;
    private readonly Patches _windows, _tiles;
    private readonly int _in, _out, _groups, _parts, _atOnce;
    private float* _sums;

    public WinogradWeightGradient(in TileGrid grid, in Patches windows, in Patches tiles)
    {
        (_grid, _windows, _tiles) = (grid, windows, tiles);
        (_in, _out) = (WinogradChoice.Padded<V>(windows.Channels), WinogradChoice.Padded<V>(tiles.Channels));
        _groups = FloatsOfPart <= FloatsOfSums ? 1 : F.Groups;
        int most = Math.Min(Math.Min(UnitsAimedAt / _groups, MostFloats / FloatsOfPart), grid.Strips);
        _parts = 1;
        while (2 * _parts <= most) _parts *= 2;
        _atOnce = WinogradChoice.TilesAtOnce(PlanesOfUnit, _in + _out);
    }

    private readonly int PlanesOfUnit => F.Planes / _groups;

    private readonly int Pitch => (int)WinogradChoice.Pitch(_in, _out);

    private readonly int FloatsOfPart => F.Planes * Pitch;

    /// <summary>The room for all parts' sums.</summary>
    public readonly long Floats => (long)_parts * FloatsOfPart;

    public readonly int Units => _parts * _groups;

    /// <summary>Sets where the sums go.</summary>
    public void To(float* sums) => _sums = sums;

    /// <summary>Transforms the sums to dw.</summary>
    public readonly WinogradTurn<V, F> Turn(float* dw, int* spoiled) => new(_sums, _parts, _windows.Channels, _tiles.Channels, dw, spoiled);

    public readonly void Run(int begin, int end)
    {
        nint pitchIn = WinogradChoice.Pitch(_atOnce, _in), pitchOut = WinogradChoice.Pitch(_atOnce, _out);
        float* x = (float*)Scratch.Get(WinogradChoice.PlaneSlot,
            (PlanesOfUnit * (pitchIn + pitchOut) + WinogradChoice.PatchFloats(Math.Max(_in, _out))) * sizeof(float));
        float* dy = x + PlanesOfUnit * pitchIn, patch = dy + PlanesOfUnit * pitchOut;
        for (int unit = begin; unit < end; unit++)
        {
            int part = unit / _groups, group = unit % _groups, all = F.Groups / _groups;
            int strip = (int)((long)part * _grid.Strips / _parts), after = (int)((long)(part + 1) * _grid.Strips / _parts),
                tiles = (after - strip) * _grid.TilesOfStrip;
            float* sums = _sums + (nint)part * FloatsOfPart + (nint)group * PlanesOfUnit * Pitch;
            for (int tile = 0; tile < tiles; tile += _atOnce)
            {
                int count = Math.Min(_atOnce, tiles - tile);
                PatchTransforms<V, F>.Windows(_grid, _windows, strip, tile, count, group, all, x, pitchIn, patch);
                PatchTransforms<V, F>.Gradients(_grid, _tiles, strip, tile, count, group, all, dy, pitchOut, patch);
                for (int p = 0; p < PlanesOfUnit; p++)
                    PlaneProduct.Run<V>(x + p * pitchIn, 1, _in, count, dy + p * pitchOut, _out, sums + (nint)p * Pitch, _out, _in, _out, tile > 0);
            }
        }
    }
}

/// <summary>
/// dw = Gᵀ · (the sum of all parts' planes) · G. A unit is a channel in. Where its taps differ so much that what one is made of is in
/// the others, or where they are no numbers, it says so.
/// </summary>
internal readonly unsafe struct WinogradTurn<V, F>(float* sums, int parts, int from, int to, float* dw, int* spoiled) : IRegion where V : struct, ILanes<V>
    where F : IWinograd
{
    public int Grain => Math.Clamp(65_536 / (F.Planes * WinogradChoice.Padded<V>(to) * parts), 1, from);

    public void Run(int begin, int end)
    {
        int columns = WinogradChoice.Padded<V>(to);
        nint pitch = WinogradChoice.Pitch(WinogradChoice.Padded<V>(from), columns);
        for (int i = begin; i < end; i++)
        {
            float* taps = dw + (nint)i * to;
            F.WeightGradient<V>(sums + (nint)i * columns, pitch, parts, F.Planes * pitch, to, taps, (nint)from * to);
            int least = int.MaxValue, most = 0;
            for (int t = 0; t < F.Taps; t++)
            {
                int size = Magnitude.Largest(taps + t * (nint)from * to, to);
                (least, most) = (Math.Min(least, size), Math.Max(most, size));
            }
            if (WinogradGuard<V, F>.AreSpoiled(least, most)) *spoiled = 1;
        }
    }
}
