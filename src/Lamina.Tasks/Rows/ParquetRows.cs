using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;

namespace Lamina.Tasks.Rows;

/// <summary>The rows of a Parquet file; a row group at a time is in memory.</summary>
internal sealed class ParquetRows : RowSource
{
    private readonly RowInput _input;
    private readonly DataField[] _fields;
    private readonly List<string> _found = [];

    private ParquetRows(RowInput input, DataField[] fields, Field[] leftOut)
    {
        (_input, _fields) = (input, fields);
        Columns = HeaderNames.Usable([.. fields.Select(f => string.Join('.', f.Path.ToList()))], _found);
        if (leftOut.Length > 0) _found.Add($"left out, since a cell holds a single value: {Wording.Names([.. leftOut.Select(f => f.Name)])}");
    }

    public override string Name => _input.Name;

    public override IReadOnlyList<string> Columns { get; }

    public override IReadOnlyList<string> Notes => _found;

    /// <summary>Whether a file begins as Parquet does.</summary>
    public static bool Is(ReadOnlySpan<byte> head) => head.StartsWith("PAR1"u8) || head.StartsWith("PARE"u8);

    /// <summary>Reads the schema. Values in structures are columns such as <c>place.city</c>; lists and maps are left out.</summary>
    public static ParquetRows Open(RowInput input)
    {
        if (input.Head.AsSpan().StartsWith("PARE"u8)) throw new DataException(input.Name, "is an encrypted Parquet file", "a file that isn't encrypted");
        if (input.IsPacked)
            throw new DataException(input.Name, "is Parquet inside gzip, which can't be read in parts", "unpacking it: Parquet packs its columns itself");
        ParquetSchema schema = Reader.Schema(input);
        DataField[] fields = [.. schema.DataFields.Where(f => f.MaxRepetitionLevel == 0 && ParquetColumn.Holds(f))];
        Field[] leftOut = [.. schema.DataFields.Except(fields)];
        if (fields.Length == 0)
            throw new DataException(input.Name, leftOut.Length == 0 ? "has no columns"
            : $"has only lists, maps or bytes in its columns: {Wording.Names([.. leftOut.Select(f => f.Name)])}",
            "a table whose columns hold numbers, texts, booleans or dates");
        return new(input, fields, leftOut);
    }

    public override RowReader Open() => new Reader(this);

    private sealed class Reader(ParquetRows source) : RowReader
    {
        private const long MostRows = 1 << 25;

        private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

        private readonly ParquetReader _file = Begin(source._input);
        private readonly ParquetColumn[] _columns = [.. source._fields.Select(ParquetColumn.Of)];
        private readonly RowBuffer _row = new(source._fields.Length);
        private int _group, _at, _count;

        public override ReadOnlySpan<char> this[int column] => _row[column];

        private static ParquetReader Begin(RowInput input) => Guard(input.Name, "", () => ParquetReader.CreateAsync(input.Open(), leaveStreamOpen: false));

        public static ParquetSchema Schema(RowInput input) => Guard(input.Name, "", async () =>
        {
            Stream stream = input.Open();
            await using ConfiguredAsyncDisposable closing = stream.ConfigureAwait(false);
            ParquetFooter.Check(stream);
            await using ParquetReader file = await ParquetReader.CreateAsync(stream, leaveStreamOpen: true).ConfigureAwait(false);
            return file.Schema;
        });

        public override bool Read()
        {
            while (_at == _count)
            {
                if (_group == _file.RowGroupCount) return false;
                Guard(source.Name, $" in row group {_group + 1} of {_file.RowGroupCount}", LoadAsync);
                _group++;
            }
            _row.Clear();
            for (int c = 0; c < _columns.Length; c++) _columns[c].Set(_row, c, _at);
            _at++;
            Row++;
            return true;
        }

        protected override void Dispose(bool disposing) => _file.DisposeAsync().AsTask().GetAwaiter().GetResult();

        private async Task<bool> LoadAsync()
        {
            using ParquetRowGroupReader group = _file.OpenRowGroupReader(_group);
            if (group.RowCount is < 0 or > MostRows) throw new InvalidDataException($"it is said to have {group.RowCount} rows, more than {MostRows:N0}");
            foreach (ParquetColumn column in _columns) await column.LoadAsync(group, (int)group.RowCount).ConfigureAwait(false);
            (_at, _count) = (0, (int)group.RowCount);
            return true;
        }

        // The library reads what a file says without checks of its own, so a damaged file can end in any exception, or never: a thread
        // that goes round in it can't be ended, but is left behind.
        private static T Guard<T>(string name, string where, Func<Task<T>> body)
        {
            try
            {
                return Task.Run(body).WaitAsync(s_patience).GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is not (DataException or UnauthorizedAccessException or OutOfMemoryException))
            {
                throw new DataException(name, $"can't be read as Parquet{where}, is cut short or damaged: {e.Message.Split('\n')[0].TrimEnd('.')}",
                    "fetching or writing the file again", e);
            }
        }
    }
}
