using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Anomalies;

/// <summary>
/// A table whose column of labels is 1 for rows that are odd and 0 for the others: 0, false, no, normal, ok, none and nothing at all stand for the
/// latter, anything
/// else for the former.
/// </summary>
internal sealed class LabelRows(RowSource rows, int label) : RowSource
{
    private static readonly string[] s_normal = ["false", "no", "n", "f", "normal", "ok", "good", "none", "benign", "inlier"];

    /// <inheritdoc/>
    public override string Name => rows.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => rows.Columns;

    /// <inheritdoc/>
    public override bool HasHeader => rows.HasHeader;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Notes => rows.Notes;

    /// <inheritdoc/>
    public override RowReader Open() => new Reader(rows.Open(), label);

    private static bool IsOdd(ReadOnlySpan<char> cell)
    {
        // A fault may be called that: it is no missing label.
        if (cell.Equals("missing", StringComparison.OrdinalIgnoreCase)) return true;
        if (Cell.IsMissing(cell)) return false;
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)) return number != 0;
        foreach (string word in s_normal)
            if (cell.Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        return true;
    }

    private sealed class Reader(RowReader from, int label) : RowReader
    {
        public override ReadOnlySpan<char> this[int column] => column != label ? from[column] : IsOdd(from[column]) ? "1" : "0";

        public override bool Read()
        {
            bool isRow = from.Read();
            Row = from.Row;
            return isRow;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) from.Dispose();
        }
    }
}
