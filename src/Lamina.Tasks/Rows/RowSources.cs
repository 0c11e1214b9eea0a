namespace Lamina.Tasks.Rows;

/// <summary>Opens tables, whatever they are stored as.</summary>
public static class RowSources
{
    /// <summary>
    /// Opens a table and recognises its format by its content: CSV or TSV, also in gzip. Only its beginning is read; a pass over it takes
    /// the memory of its longest row.
    /// </summary>
    /// <param name="path">A file, or <c>-</c> for standard input, which is kept in a temporary file so that it can be read again.</param>
    /// <param name="options">What isn't to be recognised; null to recognise everything.</param>
    /// <exception cref="DataException">There is no such file, or it is no table that can be read.</exception>
    public static RowSource Open(string path, RowOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        try
        {
            RowInput input = RowInput.From(path);
            return Recognise(input, options);
        }
        catch (Exception e) when (RowFault.Explains(e))
        {
            throw RowFault.Of(path, e);
        }
    }

    private static RowSource Recognise(RowInput input, RowOptions options)
    {
        if (input.Head.Length == 0) throw new DataException(input.Name, "is empty", "a table with a row for each example");
        return CsvRows.Open(input, options);
    }
}
