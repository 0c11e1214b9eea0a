namespace Lamina.Tasks.Rows;

/// <summary>Rows in memory.</summary>
/// <param name="name">What a person calls them.</param>
/// <param name="columns">The names of the columns, all different.</param>
/// <param name="rows">The rows, each with a cell for each column.</param>
public sealed class MemoryRows(string name, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows) : RowSource
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => columns;

    /// <inheritdoc/>
    public override RowReader Open() => new Reader(rows);

    private sealed class Reader(IReadOnlyList<IReadOnlyList<string>> rows) : RowReader
    {
        public override ReadOnlySpan<char> this[int column] => rows[(int)Row - 1][column].AsSpan().Trim();

        public override bool Read()
        {
            if (Row >= rows.Count) return false;
            Row++;
            return true;
        }
    }
}
