namespace Lamina.Tensors.Engines.Cpu.Epilogues;

/// <summary>
/// What is done to a block of a product's or convolution's result while it is still in the cache: bias, activation,
/// residual. A kernel calls it once for every element of its result, block by block, from any of its threads.
/// </summary>
internal abstract class BlockEpilogue
{
    /// <summary>
    /// Hands what a kernel can do itself over to it, and gives what remains to be called; null where nothing does. Float32 only,
    /// once a run.
    /// </summary>
    public virtual BlockEpilogue? Take(out RowEpilogue rowEpilogue)
    {
        rowEpilogue = default;
        return this;
    }

    /// <summary>Rows [row, row + rows) and columns [column, column + columns) of the result are final.</summary>
    public abstract void Finish(int row, int rows, int column, int columns);
}
