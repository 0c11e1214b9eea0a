namespace Lamina.Tasks.Rows;

/// <summary>How rows are written.</summary>
public enum RowFormat
{
    /// <summary>CSV with a header: commas, quotes where they are needed, UTF-8, lines that end with LF.</summary>
    Csv,

    /// <summary>As <see cref="Csv"/>, with tabs.</summary>
    Tsv,

    /// <summary>A JSON object for each row, in a line of its own.</summary>
    JsonLines,
}
