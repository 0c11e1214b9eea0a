using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// A result cut into tiles of <paramref name="TileRows"/> × 4 pixels. A tile's columns lie <paramref name="Step"/> apart, so
/// that a dilated line is cut into as many interleaved plain ones. A strip is a row of tiles: whole strips are whole rows of
/// pixels, which an epilogue can finish.
/// </summary>
internal readonly record struct TileGrid(int Batch, int Rows, int Columns, int TileRows, int TileColumns, int Step)
{
    public int StripsOfImage => (Rows + TileRows - 1) / TileRows;
    public int Strips => Batch * StripsOfImage;
    public int TilesOfStrip => (Columns + TileColumns * Step - 1) / (TileColumns * Step) * Step;

    /// <summary>The first column of a tile of a strip.</summary>
    public int Column(int tile) => Step == 1 ? TileColumns * tile : tile / Step * TileColumns * Step + tile % Step;

    /// <summary>Pixels of the results before a strip, over all images.</summary>
    public int PixelsBefore(int strip) => (strip / StripsOfImage * Rows + Math.Min(strip % StripsOfImage * TileRows, Rows)) * Columns;

    /// <summary>
    /// The tiles from the <paramref name="tile"/>th behind the beginning of a strip on that lie side by side in one strip
    /// with patches that can be read in place; or up to <paramref name="together"/> that can't.
    /// </summary>
    public TileRun RunAt(in Patches patches, int strip, int tile, int end, int together = 1)
    {
        strip += tile / TilesOfStrip;
        int first = tile % TilesOfStrip, top = strip % StripsOfImage * TileRows;
        var run = new TileRun(strip / StripsOfImage, top, Column(first), 1, patches.IsInside(top, Column(first), Step));
        int most = Math.Min(end - tile, TilesOfStrip - first), count = 1;
        if (Step > 1) most = Math.Min(most, run.IsInside ? Step - first % Step : 1);
        if (!run.IsInside) most = Math.Min(most, together);
        while (count < most && patches.IsInside(top, Column(first + count), Step) == run.IsInside) count++;
        return run with { Count = count };
    }
}

/// <summary>Tiles of one image side by side, the first at (<paramref name="Row"/>, <paramref name="Column"/>).</summary>
internal readonly record struct TileRun(int Image, int Row, int Column, int Count, bool IsInside);

/// <summary>
/// What belongs to a tile in an image (batch, height, width, channels): Rows × Columns pixels whose corner lies Top above
/// and Left of the tile's. IsWhole says that pixels are whole vectors, so that a kernel may read and write them in place.
/// </summary>
internal readonly unsafe record struct Patches(nint Image, int Height, int Width, int Channels, int Rows, int Columns, int Top, int Left, bool IsWhole)
{
    /// <summary>Channels of the image, of which the patches may have a part.</summary>
    public int Pitch { get; init; } = Channels;

    public bool IsInside(int row, int column, int step) =>
        IsWhole && row >= Top && column >= Left && row - Top + Rows <= Height && column - Left + (Columns - 1) * step < Width;

    public float* At(int image, int row, int column) => (float*)Image + (((nint)image * Height + row - Top) * Width + column - Left) * Pitch;

    /// <summary>The columns of the patches of tiles side by side, which overlap.</summary>
    public int ColumnsOf(in TileRun run, int apart) => Columns + apart * (run.Count - 1);

    /// <summary>Copies the patches of a run, channels padded to whole vectors, with zeros for what lies outside.</summary>
    public void Fetch<V>(in TileGrid grid, in TileRun run, float* to) where V : struct, ILanes<V>
    {
        int columns = ColumnsOf(run, grid.TileColumns), pitch = WinogradChoice.Padded<V>(Channels), step = grid.Step;
        for (int i = 0; i < Rows; i++, to += columns * pitch)
        {
            int row = run.Row - Top + i;
            (int first, int after) = (uint)row < (uint)Height ? Inside(run.Column - Left, step, columns) : (0, 0);
            Clear<V>(to, first * pitch);
            float* from = At(run.Image, row + Top, run.Column) + (nint)first * step * Channels;
            if (step == 1 && pitch == Channels) Copy<V>(from, to + first * pitch, (after - first) * pitch);
            else
                for (int j = first; j < after; j++, from += (nint)step * Channels) Copy<V>(from, to + j * pitch, Channels);
            Clear<V>(to + after * pitch, (columns - after) * pitch);
        }
    }

    // Runs are short: calls to the library's copying take longer than what they do.
    private static void Copy<V>(float* from, float* to, int count) where V : struct, ILanes<V>
    {
        for (; count > 0; count -= V.Count, from += V.Count, to += V.Count) V.Store(Lanes.Load<V>(from, count), to);
    }

    private static void Clear<V>(float* to, int count) where V : struct, ILanes<V>
    {
        for (; count > 0; count -= V.Count, to += V.Count) V.Store(default, to);
    }

    /// <summary>Copies a patch to where it belongs, without the pixels and channels that don't exist.</summary>
    public void Put(in TileRun run, int step, float* from, int pitch)
    {
        (int first, int after) = Inside(run.Column - Left, step, Columns);
        for (int i = 0; i < Rows; i++, from += Columns * pitch)
        {
            int row = run.Row - Top + i;
            if ((uint)row >= (uint)Height) continue;
            float* to = At(run.Image, row + Top, run.Column);
            for (int j = first; j < after; j++) new Span<float>(from + j * pitch, Channels).CopyTo(new Span<float>(to + (nint)j * step * Pitch, Channels));
        }
    }

    /// <summary>Those of some pixels in a row that lie in the image, given the column of the first.</summary>
    private (int First, int After) Inside(int column, int step, int columns)
    {
        int first = 0, after = columns;
        while (first < columns && column + first * step < 0) first++;
        while (after > first && column + (after - 1) * step >= Width) after--;
        return (first, after);
    }
}

/// <summary>Patches of tiles side by side in an image, and the planes of their transforms: one row of channels a tile in each.</summary>
internal unsafe struct PatchRun
{
    /// <summary>The first patch's corner, and the first tile's row in the first plane.</summary>
    public float* Pixels, Planes;
    /// <summary>From pixel to pixel: down, to the right, and from tile to tile.</summary>
    public nint Row, Pixel, Next;
    /// <summary>From plane to plane.</summary>
    public nint Plane;
    /// <summary>Tiles, and the channels of each: whole vectors.</summary>
    public int Count, Channels;
}
