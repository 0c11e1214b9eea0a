using Lamina.Learning.Saving;

namespace Lamina.Learning.Columns;

/// <summary>Categories by number: 1 for the first of the names, 0 for one that isn't among them. A missing one is the empty name.</summary>
public sealed partial record CategoryColumn : ColumnEncoding
{
    /// <summary>An encoding of categories.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="values">The categories, all different.</param>
    public CategoryColumn(string name, IReadOnlyList<string> values)
    {
        (Name, Values) = (name, values);
        _numbers = new(values.Count);
        for (int i = 0; i < values.Count; i++) Require(_numbers.TryAdd(values[i], i + 1), $"column {name} has the category '{values[i]}' twice");
        _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private readonly Dictionary<string, int> _numbers;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The categories.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <inheritdoc/>
    public override SlotKind Kind => SlotKind.Category;

    /// <inheritdoc/>
    public override int Slots => 1;

    /// <summary>How many numbers there are, with that of an unknown category.</summary>
    public int Size => Values.Count + 1;

    /// <inheritdoc/>
    public override bool Encode(ReadOnlySpan<char> cell, Span<float> slots)
    {
        ReadOnlySpan<char> value = Cell.IsMissing(cell) ? [] : cell;
        bool isKnown = _lookup.TryGetValue(value, out int number);
        slots[0] = number;
        return isKnown || value.Length == 0;
    }
}
