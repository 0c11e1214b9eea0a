using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Lamina.Tasks.Rows;

/// <summary>Opens tables, whatever they are stored as.</summary>
public static class RowSources
{
    /// <summary>
    /// Opens a table and recognises its format by its content: CSV or TSV and JSON lines (also in gzip), Parquet, SQLite. Only its beginning
    /// is read; a pass over it takes the memory of its longest row, in Parquet that of a row group.
    /// </summary>
    /// <param name="path">A file, or <c>-</c> for standard input, which is kept in a temporary file so that it can be read again.</param>
    /// <param name="options">What isn't to be recognised; null to recognise everything.</param>
    /// <exception cref="DataException">There is no such file, or it is no table that can be read.</exception>
    public static RowSource Open(string path, RowOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Recognise(RowInput.From(path), options ?? new());
        }
        catch (Exception e) when (RowFault.Explains(e))
        {
            throw RowFault.Of(path, e);
        }
    }

    /// <summary>Reads the rows of a database once, into a temporary file that vanishes with the process. The reader is left open.</summary>
    /// <param name="reader">The reader, before its first row.</param>
    /// <param name="name">What a person calls the rows.</param>
    /// <exception cref="DataException">The temporary file can't be written.</exception>
    public static RowSource Of(DbDataReader reader, string name = "rows")
    {
        ArgumentNullException.ThrowIfNull(reader);
        string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
        if (columns.Length == 0) throw new DataException(name, "has no columns", "a query with a result");
        return Kept(name, () => SpooledRows.Keep(new DataReaderRows(name, columns, reader)));
    }

    /// <summary>
    /// Takes objects as rows: a column for each public property that is a number, a text, a boolean, a date or the like; of dictionaries,
    /// one for each key; of such values themselves, one column. A collection is read again in each pass; what isn't a collection is read
    /// once, into a temporary file.
    /// </summary>
    /// <param name="items">The objects, none of them null.</param>
    /// <param name="name">What a person calls the rows.</param>
    /// <exception cref="DataException">They have no such properties or keys, or others too.</exception>
    public static RowSource Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(IEnumerable<T> items, string name = "rows")
    {
        ArgumentNullException.ThrowIfNull(items);
        return Kept(name, () => ObjectRows.Of(items, name));
    }

    /// <summary>Whether a file is a database, of which a table or a query can be named.</summary>
    /// <exception cref="DataException">There is no such file.</exception>
    internal static bool IsDatabase(string path)
    {
        try
        {
            return SqliteRows.Is(RowInput.From(path).Head);
        }
        catch (Exception e) when (RowFault.Explains(e))
        {
            throw RowFault.Of(path, e);
        }
    }

    private static RowSource Kept(string name, Func<RowSource> keep)
    {
        try
        {
            return keep();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RowFault.Of(name, e);
        }
    }

    private static RowSource Recognise(RowInput input, RowOptions options)
    {
        const string Remedy = "a table: CSV, TSV, JSON lines, Parquet or SQLite";
        if (input.Head.Length == 0) throw new DataException(input.Name, "is empty", "a table with a row for each example");
        if (SqliteRows.Is(input.Head)) return SqliteRows.Open(input, options);
        if (options.Table is not null || options.Query is not null)
            throw new DataException(input.Name, "is no SQLite database, so there's no table or query to choose", "leaving that out");
        if (ParquetRows.Is(input.Head)) return ParquetRows.Open(input);
        TextEncoding encoding = TextEncoding.Of(input.Head);
        if (BinaryKind.Of(input.Head, encoding) is { } kind) throw new DataException(input.Name, $"is {kind.Name}, not a table", kind.Remedy ?? Remedy);
        string head = encoding.Encoding.GetString(input.Head.AsSpan(encoding.MarkBytes));
        return JsonRows.Is(head) ? JsonRows.Open(input, encoding) : CsvRows.Open(input, encoding, options);
    }
}
