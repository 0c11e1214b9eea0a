using Lamina.Learning.Saving;

namespace Lamina.Learning.Columns;

/// <summary>What the slots of an encoded column hold; an encoded row has all numbers first, then categories, then tokens.</summary>
public enum SlotKind
{
    /// <summary>Numbers about in standard units.</summary>
    Number,
    /// <summary>The number of a category, from 0, which is an unknown one.</summary>
    Category,
    /// <summary>Numbers of tokens from 1, and 0 behind the last.</summary>
    Token,
}

/// <summary>
/// How a column of a table becomes numbers, as learned from the training rows; saved with a network by a registered name. A cell that can't
/// be read counts as a missing value: encoding never fails.
/// </summary>
public abstract record ColumnEncoding : ISavedByName
{
    /// <summary>The column's name.</summary>
    public abstract string Name { get; }

    /// <summary>What the slots hold.</summary>
    public abstract SlotKind Kind { get; }

    /// <summary>The number of slots, from 1.</summary>
    public abstract int Slots { get; }

    /// <summary>Writes a cell's slots.</summary>
    /// <param name="cell">The cell without blanks around it.</param>
    /// <param name="slots">The slots; their old values don't matter.</param>
    /// <returns>False where the cell has a value that says nothing to this column: no number, or a category that training hadn't.</returns>
    public abstract bool Encode(ReadOnlySpan<char> cell, Span<float> slots);

    /// <summary>Checks what a file says.</summary>
    /// <exception cref="ArgumentException">It makes no sense.</exception>
    protected static void Require(bool isRight, string what)
    {
        if (!isRight) throw new ArgumentException(what);
    }
}
