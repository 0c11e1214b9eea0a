using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// What some tiles will read or write of an image. It is prefetched share by share while planes are multiplied, when the memory has
/// nothing to do: transforms touch a few lines of each of several rows, which the processor doesn't follow.
/// </summary>
internal readonly unsafe struct WinogradPrefetch<F> where F : IWinograd
{
    private const int Line = 64;

    private readonly byte* _from;
    private readonly int _bytes;

    /// <param name="grid">Where tiles lie.</param>
    /// <param name="patches">What belongs to them in the image; rows above a tile are those of the strip before.</param>
    /// <param name="strip">A strip.</param>
    /// <param name="tile">The first of the tiles, counted from the strip's beginning.</param>
    /// <param name="count">How many tiles, over as many strips as it takes.</param>
    public WinogradPrefetch(in TileGrid grid, in Patches patches, int strip, int tile, int count)
    {
        if (count <= 0 || !Prefetch.IsSupported) return;
        int last = tile + count - 1;
        // Tiles of several rows have whole rows of the image; those of a line have a part of one.
        nint from = Pixel(grid, patches, strip + tile / grid.TilesOfStrip, F.TileRows > 1 ? 0 : grid.Column(tile % grid.TilesOfStrip));
        nint to = F.TileRows > 1
            ? Pixel(grid, patches, strip + last / grid.TilesOfStrip, 0) + F.TileRows * patches.Width
            : Pixel(grid, patches, strip + last / grid.TilesOfStrip, grid.Column(last % grid.TilesOfStrip) + F.TileColumns * grid.Step);
        nint pixel = (nint)patches.Pitch * sizeof(float);
        _from = (byte*)patches.Image + from * pixel;
        _bytes = (int)(((to - from) * pixel / F.Planes + Line - 1) & -Line);
    }

    /// <summary>Asks for a plane's share.</summary>
    public void Ask(int plane) => Prefetch.Elements(_from + (nint)plane * _bytes, 0, _bytes, 1);

    private static nint Pixel(in TileGrid grid, in Patches patches, int strip, int column) =>
        ((nint)(strip / grid.StripsOfImage) * patches.Height + strip % grid.StripsOfImage * F.TileRows) * patches.Width + column;
}
