namespace Lamina.Tasks.Rows;

/// <summary>
/// A table that can be read from its start as often as needed, one row at a time, whatever it is stored as. Cells are text; an empty
/// one is a missing value. Numbers of typed sources are written in the invariant culture so that they read back to the same value, dates
/// as ISO 8601, booleans as <c>true</c> and <c>false</c>.
/// </summary>
public abstract class RowSource
{
    /// <summary>What a person calls it: a path as it was given, or a few words for rows in memory.</summary>
    public abstract string Name { get; }

    /// <summary>The names of the columns, all different; <c>1</c>, <c>2</c>, … where the source has no header.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>Whether the source names its columns.</summary>
    public virtual bool HasHeader => true;

    /// <summary>What was recognised or repaired and a person should know, such as the encoding of a file that isn't UTF-8.</summary>
    public virtual IReadOnlyList<string> Notes => [];

    /// <summary>Begins a pass over all rows.</summary>
    /// <exception cref="DataException">The source can't be read; thrown by <see cref="RowReader.Read"/> too where a later part can't.</exception>
    public abstract RowReader Open();
}

/// <summary>One pass over the rows of a <see cref="RowSource"/>. Not safe for several threads.</summary>
public abstract class RowReader : IDisposable
{
    /// <summary>The number of the current row, from 1, without the header.</summary>
    public long Row { get; protected set; }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False after the last one.</returns>
    /// <exception cref="DataException">The row can't be read; the message names it.</exception>
    public abstract bool Read();

    /// <summary>A cell of the current row without blanks around it, valid until the next <see cref="Read"/>; empty where the value is missing.</summary>
    public abstract ReadOnlySpan<char> this[int column] { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the pass holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
