using System.Globalization;

namespace Lamina.Tasks.Rows;

/// <summary>The rows of a CSV or TSV file.</summary>
internal sealed class CsvRows : RowSource
{
    // Rows of another length than the header's that are skipped; more than this share of them is a table misread.
    private const double MostRagged = 0.01, MostRaggedInSample = 0.05, MostRaggedSoFar = 0.1;
    private const long EnoughRagged = 1000;

    private readonly RowInput _input;
    private readonly TextEncoding _encoding;
    private readonly CsvLook _look;
    private readonly string[] _columns;
    private readonly List<string> _found = [];
    private readonly Lock _lock = new();
    private Faults _faults;

    private CsvRows(RowInput input, TextEncoding encoding, CsvLook look, bool header, string[] columns)
    {
        (_input, _encoding, _look, HasHeader, _columns) = (input, encoding, look, header, columns);
    }

    public override string Name => _input.Name;

    public override IReadOnlyList<string> Columns => _columns;

    public override bool HasHeader { get; }

    public override IReadOnlyList<string> Notes
    {
        get
        {
            lock (_lock) return [.. _found, .. _faults.Notes(_columns.Length)];
        }
    }

    /// <summary>Recognises the table by its beginning, and reads that once.</summary>
    /// <exception cref="DataException">It is empty, has a header alone, or its rows differ in length.</exception>
    public static CsvRows Open(RowInput input, TextEncoding encoding, RowOptions options)
    {
        if (options.Delimiter is { } d && (d >= 255 || d is '"' or '\r' or '\n'))
            throw new DataException(input.Name, "can't have this character between its cells", "a comma, a semicolon, a tab or another ASCII character");
        (ReadOnlyMemory<char> sample, bool isWhole) = Sample(input, encoding);
        CsvLook look = Look(sample, input, options);
        if (look.Rows.Count == 0) throw new DataException(input.Name, "is empty", "a table with a row for each example");
        bool rowNames = look.Rows.Count > 1 && look.Rows[0].Length == look.Columns - 1 && look.Rows.Skip(1).All(r => r.Length == look.Columns);
        if (rowNames) look = look with { Rows = [["", .. look.Rows[0]], .. look.Rows.Skip(1)] };
        bool header = options.Header ?? look.RecogniseHeader();
        if (header && look.Rows.Count == 1 && isWhole)
            throw new DataException(input.Name, "has names of columns and no rows", "a table with a row for each example");
        var notes = new List<string>();
        if (encoding.Name is not null) notes.Add($"read as {encoding.Name}");
        if (look.Delimiter == ';' || look.Delimiter == '|') notes.Add($"cells are separated by '{look.Delimiter}'");
        if (!look.Quotes) notes.Add("quotes are read as characters, since they don't come in pairs");
        if (rowNames) notes.Add("the first column has no name in the header, which is one name shorter than the rows");
        string[] columns = header ? HeaderNames.Usable(look.Rows[0], notes) : HeaderNames.Numbers(look.Columns);
        var rows = new CsvRows(input, encoding, look, header, columns);
        rows._found.AddRange(notes);
        rows.LookAtSample(sample, isWhole);
        return rows;
    }

    public override RowReader Open() => new Reader(this, new StreamChars(_input.Open(), _encoding), MostRagged);

    private static CsvLook Look(ReadOnlyMemory<char> sample, RowInput input, RowOptions options)
    {
        string ending = Path.GetExtension(input.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? input.Name[..^3] : input.Name);
        return CsvLook.At(sample, options.Delimiter,
            ending.Equals(".csv", StringComparison.OrdinalIgnoreCase) || ending.Equals(".tsv", StringComparison.OrdinalIgnoreCase));
    }

    // The whole lines at the beginning: at least two, and some hundred thousand characters where there are so many.
    private static (ReadOnlyMemory<char> Text, bool IsWhole) Sample(RowInput input, TextEncoding encoding)
    {
        using var chars = new StreamChars(input.Open(), encoding);
        var sample = new char[1 << 18];
        int end = 0;
        while (true)
        {
            while (end < sample.Length)
            {
                // Room for a pair of surrogates.
                int got = sample.Length - end < 2 ? -1 : chars.Read(sample.AsSpan(end));
                if (got == 0) return (sample.AsMemory(0, end), true);
                if (got < 0) break;
                end += got;
            }
            int last = sample.AsSpan(0, end).LastIndexOfAny('\n', '\r');
            if (last > 0 && sample.AsSpan(0, last).IndexOfAny('\n', '\r') >= 0 || end > 2 * CsvTokenizer.MostChars)
                return (sample.AsMemory(0, last < 0 ? end : last + 1), false);
            Array.Resize(ref sample, 4 * sample.Length);
        }
    }

    // Finds out about ragged rows and the like in the sample, so that a person knows of them before the first pass.
    private void LookAtSample(ReadOnlyMemory<char> sample, bool isWhole)
    {
        using var reader = new Reader(this, new MemoryChars(sample), isWhole ? MostRagged : MostRaggedInSample, lenient: !isWhole);
        long rows = 0;
        while (reader.Read()) rows++;
        if (rows == 0 && isWhole) throw new DataException(Name, "has no rows", "a table with a row for each example");
    }

    private void Add(Faults faults)
    {
        lock (_lock) _faults = _faults.With(faults);
    }

    /// <summary>What was repaired in a pass.</summary>
    private readonly record struct Faults(long Ragged, long RaggedLine, int RaggedCells, long StrayQuotes, long Nuls, long NulLine, long ForeignBytes)
    {
        // A pass over more of the table knows more.
        public Faults With(Faults other) => new(Math.Max(Ragged, other.Ragged), Ragged > 0 ? RaggedLine : other.RaggedLine,
            Ragged > 0 ? RaggedCells : other.RaggedCells,
            Math.Max(StrayQuotes, other.StrayQuotes), Math.Max(Nuls, other.Nuls), Nuls > 0 ? NulLine : other.NulLine,
                Math.Max(ForeignBytes, other.ForeignBytes));

        public IEnumerable<string> Notes(int columns)
        {
            if (Ragged > 0) yield return $"skipped {Count(Ragged, "row")} without {columns} cells, the first in line {RaggedLine} with {RaggedCells}";
            if (StrayQuotes > 0) yield return $"{Count(StrayQuotes, "quote")} inside quoted cells not doubled, read as text";
            if (Nuls > 0) yield return $"{Count(Nuls, "NUL character")} read as blanks, the first in line {NulLine}";
            if (ForeignBytes > 0)
                yield return $"{Count(ForeignBytes, "byte")} not in UTF-8, read as Windows-1252; if letters look wrong, save the file as UTF-8";
        }

        private static string Count(long count, string one) => $"{count.ToString(CultureInfo.InvariantCulture)} {one}{(count == 1 ? "" : "s")}";
    }

    private sealed class Reader : RowReader
    {
        private readonly CsvRows _source;
        private readonly CsvTokenizer _rows;
        private readonly int _width;
        private readonly double _mostRagged;
        private long _ragged, _raggedLine;
        private int _raggedCells;
        private bool _ended;

        public Reader(CsvRows source, CharSource text, double mostRagged, bool lenient = false)
        {
            (_source, _width, _mostRagged) = (source, source._columns.Length, mostRagged);
            _rows = new(source.Name, text, source._look.Delimiter, source._look.Quotes, lenient);
            if (source.HasHeader) _rows.Read();
        }

        public override ReadOnlySpan<char> this[int column] => _rows[column];

        public override bool Read()
        {
            if (_ended) return false;
            try
            {
                while (_rows.Read())
                {
                    if (_rows.Count == _width || _rows.Count > _width && IsBlankAfter(_width))
                    {
                        Row++;
                        return true;
                    }
                    if (_ragged++ == 0) (_raggedLine, _raggedCells) = (_rows.Line, _rows.Count);
                    if (_ragged >= EnoughRagged && _ragged > MostRaggedSoFar * (Row + _ragged)) Refuse();
                }
            }
            catch (Exception e) when (RowFault.Explains(e))
            {
                throw RowFault.Of(_source.Name, e, $"after {Row} rows");
            }
            _ended = true;
            Report();
            if (_ragged > _mostRagged * (Row + _ragged)) Refuse();
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (!_ended) Report();
            _rows.Dispose();
        }

        private void Report() =>
            _source.Add(new(_ragged, _raggedLine, _raggedCells, _rows.StrayQuotes, _rows.Nuls.Count, _rows.Nuls.Line, _rows.ForeignBytes));

        private bool IsBlankAfter(int cell)
        {
            for (; cell < _rows.Count; cell++)
                if (!_rows[cell].IsEmpty) return false;
            return true;
        }

        private void Refuse() => throw new DataException(_source.Name,
            $"{_ragged} of {Row + _ragged} rows don't have {Wording.Count(_width, "cell")} as {(_source.HasHeader ? "the header" : "the others")} has; "
            + $"the first is line {_raggedLine} with {_raggedCells}",
            $"mending these lines; a cell that holds {Delimiter} needs quotes around it");

        private string Delimiter => _source._look.Delimiter switch { '\t' => "a tab", '\u001F' => "a delimiter", var d => $"'{d}'" };
    }
}
