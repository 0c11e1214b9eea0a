using System.Text;
using Lamina.Formats;

namespace Lamina.Tasks.Rows;

/// <summary>
/// Writes rows one after another, cell by cell. In CSV and TSV a text that a spreadsheet would take for a formula — it begins with
/// <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a carriage return and is no number — gets an apostrophe before it, which spreadsheets
/// don't show.
/// </summary>
public abstract class RowWriter
{
    private readonly int _columns;
    private int _column;

    private protected RowWriter(int columns) => _columns = columns;

    /// <summary>Begins to write rows, with the header where the format has one. The writer is left open, and flushed by its owner.</summary>
    /// <param name="writer">Where they go.</param>
    /// <param name="columns">The names of the columns, at least one.</param>
    /// <param name="format">How they are written.</param>
    public static RowWriter Create(TextWriter writer, IReadOnlyList<string> columns, RowFormat format = RowFormat.Csv)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0) throw new ArgumentException("no columns", nameof(columns));
        if (format == RowFormat.JsonLines) return new JsonLinesWriter(writer, columns);
        var csv = new CsvWriter(writer, columns.Count, format == RowFormat.Tsv ? '\t' : ',');
        foreach (string name in columns) csv.Add(name);
        csv.EndRow();
        return csv;
    }

    /// <summary>Saves rows as a file, so that its name stands for a whole file at any time: the old one or the new one.</summary>
    /// <param name="path">The file. Its ending is its format: .tsv and .tab, .jsonl, .ndjson and .json (lines of objects too), otherwise CSV.</param>
    /// <param name="columns">The names of the columns, at least one.</param>
    /// <param name="body">Writes the rows.</param>
    /// <exception cref="SaveException">It can't be saved. Exceptions of the body pass through; either way the old file is as it was.</exception>
    public static void Save(string path, IReadOnlyList<string> columns, Action<RowWriter> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
            RowWriter rows = Create(writer, columns, FormatOf(path));
            body(rows);
            if (rows._column > 0) throw new InvalidOperationException("the last row was not ended");
        });
    }

    /// <summary>The format that a file's ending says.</summary>
    public static RowFormat FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".TSV" or ".TAB" => RowFormat.Tsv,
        ".JSONL" or ".NDJSON" or ".JSON" => RowFormat.JsonLines,
        _ => RowFormat.Csv,
    };

    /// <summary>Adds a text as the next cell; an empty one is a missing value.</summary>
    public void Add(ReadOnlySpan<char> text) => Write(Next(), text);

    /// <summary>Adds a number as the next cell, with as many digits as it needs to be read back; a NaN is a missing value.</summary>
    public void Add(double value) => Write(Next(), value);

    /// <summary>Adds a number as the next cell, with as many digits as it needs to be read back; a NaN is a missing value.</summary>
    public void Add(float value) => Write(Next(), value);

    /// <summary>Ends the row.</summary>
    /// <exception cref="InvalidOperationException">It has fewer cells than there are columns.</exception>
    public void EndRow()
    {
        if (_column < _columns) throw new InvalidOperationException($"the row has {_column} of {_columns} cells");
        _column = 0;
        End();
    }

    private protected abstract void Write(int column, ReadOnlySpan<char> text);

    private protected abstract void Write(int column, double value);

    private protected abstract void Write(int column, float value);

    private protected abstract void End();

    private int Next() => _column < _columns ? _column++ : throw new InvalidOperationException($"the row has its {_columns} cells");
}
