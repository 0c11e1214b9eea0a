namespace Lamina.Tasks.Rows;

/// <summary>What a person says about a table where recognition by its content isn't wanted or can't be.</summary>
public sealed record RowOptions
{
    /// <summary>Whether the first row of a CSV or TSV file holds the names of the columns; null to recognise it.</summary>
    public bool? Header { get; init; }

    /// <summary>Character between the cells of a CSV or TSV file; null to recognise it.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The table or view of a database to read.</summary>
    public string? Table { get; init; }

    /// <summary>The SQL query whose result is read from a database, which is opened read-only.</summary>
    public string? Query { get; init; }
}
