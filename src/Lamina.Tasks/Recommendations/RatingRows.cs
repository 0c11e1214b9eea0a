using System.Globalization;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Recommendations;

/// <summary>Opens tables of ratings: as other tables, and those whose columns are separated by <c>::</c>, blanks and the like.</summary>
internal static class RatingRows
{
    private const int Looked = 200, FewestColumns = 2;

    // In the order in which they are preferred; an empty one stands for blanks.
    private static readonly string[] s_delimiters = ["::", "||", "\\t", "^", "~", ":", ""];

    /// <summary>Opens a table.</summary>
    /// <exception cref="DataException">There is no such file, or it is no table that can be read.</exception>
    public static RowSource Open(string path)
    {
        RowSource rows = RowSources.Open(path);
        if (rows.Columns.Count > 1) return rows;
        var cells = new List<string>();
        using (RowReader reader = rows.Open())
            while (cells.Count < Looked && reader.Read()) cells.Add(reader[0].ToString());
        foreach (string delimiter in s_delimiters)
        {
            int[] counts = [.. cells.Select(cell => Split(cell, delimiter).Length)];
            if (counts.Length > 0 && counts[0] >= FewestColumns && counts.All(c => c == counts[0])) return new SplitRows(rows, delimiter, counts[0]);
        }
        return rows;
    }

    private static string[] Split(string cell, string delimiter) => delimiter.Length > 0 ? cell.Split(delimiter, StringSplitOptions.TrimEntries)
        : cell.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A table of one column, each cell of which is a row.</summary>
    private sealed class SplitRows : RowSource
    {
        private readonly RowSource _rows;
        private readonly string _delimiter;
        private readonly string[]? _first;

        public SplitRows(RowSource rows, string delimiter, int columns)
        {
            (_rows, _delimiter) = (rows, delimiter);
            List<string> notes = [.. rows.Notes, $"cells are separated by {(delimiter.Length == 0 ? "blanks" : $"'{delimiter}'")}"];
            string[] header = rows.HasHeader ? Split(rows.Columns[0], delimiter) : [];
            // As one text the first row looks like a name; with a number in it, it is a row.
            HasHeader = header.Length == columns && !header.Any(h => double.TryParse(h, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
            if (rows.HasHeader && !HasHeader) _first = header;
            Columns = HasHeader ? HeaderNames.Usable(header, notes) : HeaderNames.Numbers(columns);
            Notes = notes;
        }

        public override string Name => _rows.Name;

        public override IReadOnlyList<string> Columns { get; }

        public override bool HasHeader { get; }

        public override IReadOnlyList<string> Notes { get; }

        public override RowReader Open() => new Reader(_rows.Open(), _delimiter, _first);

        private sealed class Reader(RowReader rows, string delimiter, string[]? first) : RowReader
        {
            private string[] _cells = [];
            private bool _hasBegun;

            public override ReadOnlySpan<char> this[int column] => column < _cells.Length ? _cells[column] : [];

            public override bool Read()
            {
                bool isFirst = !_hasBegun && first is not null;
                _hasBegun = true;
                if (!isFirst && !rows.Read()) return false;
                _cells = isFirst ? first! : Split(rows[0].ToString(), delimiter);
                Row = first is null ? rows.Row : rows.Row + 1;
                return true;
            }

            protected override void Dispose(bool disposing)
            {
                if (disposing) rows.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}
