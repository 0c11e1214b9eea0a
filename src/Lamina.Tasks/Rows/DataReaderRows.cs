using System.Data.Common;

namespace Lamina.Tasks.Rows;

/// <summary>The rows of a reader of a database, once.</summary>
internal sealed class DataReaderRows : RowSource
{
    private readonly Func<DbDataReader> _open;
    private readonly Func<Exception, bool> _explains;
    private readonly string?[] _binary;
    private readonly List<string> _found = [];
    private readonly bool _isOwner = true;

    /// <param name="name">What a person calls it.</param>
    /// <param name="columns">The names of the columns as the database has them.</param>
    /// <param name="open">Begins a pass; the reader is disposed with it.</param>
    /// <param name="explains">Tells exceptions of the database from others.</param>
    public DataReaderRows(string name, IReadOnlyList<string> columns, Func<DbDataReader> open, Func<Exception, bool> explains)
    {
        (Name, _open, _explains, _binary) = (name, open, explains, new string?[columns.Count]);
        Columns = HeaderNames.Usable(columns, _found);
    }

    /// <summary>The rows of a reader that someone else opened and disposes.</summary>
    public DataReaderRows(string name, IReadOnlyList<string> columns, DbDataReader reader)
        : this(name, columns, () => reader, e => e is DbException) => _isOwner = false;

    public override string Name { get; }

    public override IReadOnlyList<string> Columns { get; }

    public override IReadOnlyList<string> Notes => [.. _found, .. _binary.OfType<string>()];

    public override RowReader Open() => new Reader(this);

    private sealed class Reader(DataReaderRows source) : RowReader
    {
        private readonly DbDataReader _from = source._open();
        private readonly RowBuffer _row = new(source.Columns.Count);

        public override ReadOnlySpan<char> this[int column] => _row[column];

        public override bool Read()
        {
            try
            {
                if (!_from.Read()) return false;
                _row.Clear();
                for (int c = 0; c < source.Columns.Count; c++) Set(c);
            }
            catch (Exception e) when (source._explains(e))
            {
                throw new DataException(source.Name, $"can't be read after {Row} rows: {e.Message.Split('\n')[0]}",
                    "a database that isn't damaged and a query that works", e);
            }
            Row++;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (source._isOwner) _from.Dispose();
        }

        private void Set(int column)
        {
            if (_from.IsDBNull(column)) return;
            // Without a box for each number.
            Type type = _from.GetFieldType(column);
            if (type == typeof(long)) _row.Set(column, _from.GetInt64(column));
            else if (type == typeof(double)) CellText.Set(_row, column, _from.GetDouble(column));
            else if (!CellText.Set(_row, column, _from.GetValue(column)))
                source._binary[column] ??=
                    $"column '{source.Columns[column]}' holds {(type == typeof(byte[]) ? "bytes" : type.Name)}, taken for missing values";
        }
    }
}
