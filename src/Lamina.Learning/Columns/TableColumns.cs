using Lamina.Tensors;
using Lamina.Tensors.Shapes;

using Lamina.Learning.Saving;

namespace Lamina.Learning.Columns;

/// <summary>Rows of a table as rows of numbers, float32 (rows, slots): the slots of all number columns first, then categories, then tokens of texts.</summary>
public sealed partial record TableColumns : RowPreprocessing
{
    private const int MostSlots = 1 << 24;

    private readonly int[] _starts;

    /// <summary>The encodings of a table's columns, in the order of a row's cells.</summary>
    /// <exception cref="ArgumentException">There are none, or more slots than a row may have.</exception>
    public TableColumns(IReadOnlyList<ColumnEncoding> columns)
    {
        Columns = columns;
        _starts = new int[columns.Count];
        long at = 0;
        foreach (SlotKind kind in Enum.GetValues<SlotKind>())
        {
            for (int i = 0; i < columns.Count; i++)
            {
                if (columns[i].Kind != kind) continue;
                _starts[i] = (int)at;
                at += columns[i].Slots;
                if (at > MostSlots) throw new ArgumentException($"a row has more than {MostSlots:N0} numbers");
            }
        }
        if (at == 0) throw new ArgumentException("a table has at least one column");
        Slots = (int)at;
    }

    /// <summary>The encodings, in the order of a row's cells.</summary>
    public IReadOnlyList<ColumnEncoding> Columns { get; }

    /// <summary>How many numbers a row becomes.</summary>
    public int Slots { get; }

    /// <summary>Writes the slots of one cell into those of its row.</summary>
    /// <param name="column">The column's place among <see cref="Columns"/>.</param>
    /// <param name="cell">The cell without blanks around it.</param>
    /// <param name="row">The row's slots.</param>
    /// <returns>As <see cref="ColumnEncoding.Encode"/>.</returns>
    public bool Encode(int column, ReadOnlySpan<char> cell, Span<float> row) => Columns[column].Encode(cell, row.Slice(_starts[column], Columns[column].Slots));

    /// <inheritdoc/>
    public override Tensor Encode(IReadOnlyList<IReadOnlyList<string>> rows) => Tensor.Create<float>(new Shape(rows.Count, Slots), values =>
    {
        for (int row = 0; row < rows.Count; row++)
        {
            if (rows[row].Count != Columns.Count)
                throw new FormatException($"row {row} has {rows[row].Count} values, and there are {Columns.Count} columns: {string.Join(", ", Columns.Select(c => c.Name))}");
            for (int i = 0; i < Columns.Count; i++) Encode(i, rows[row][i].AsSpan().Trim(), values.Slice(row * Slots, Slots));
        }
    });
}
