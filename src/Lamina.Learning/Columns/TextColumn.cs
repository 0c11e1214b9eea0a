using Lamina.Learning.Saving;
using Lamina.Learning.Texts;

namespace Lamina.Learning.Columns;

/// <summary>Free texts as the numbers of their tokens, 0 behind the last.</summary>
public sealed partial record TextColumn : ColumnEncoding
{
    // Whole numbers up to this are exact in float32.
    private const int MostTokens = 1 << 24;

    /// <summary>An encoding of texts.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="vocabulary">The tokens; its length is the number of slots.</param>
    public TextColumn(string name, TextVocabulary vocabulary)
    {
        Require(vocabulary.Size <= MostTokens, $"column {name}: there are more than {MostTokens:N0} tokens");
        (Name, Vocabulary) = (name, vocabulary);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>The tokens.</summary>
    public TextVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override SlotKind Kind => SlotKind.Token;

    /// <inheritdoc/>
    public override int Slots => Vocabulary.Length;

    /// <inheritdoc/>
    public override bool Encode(ReadOnlySpan<char> cell, Span<float> slots)
    {
        Span<int> tokens = slots.Length <= 512 ? stackalloc int[slots.Length] : new int[slots.Length];
        Vocabulary.Encode(Cell.IsMissing(cell) ? [] : cell, tokens);
        for (int i = 0; i < slots.Length; i++) slots[i] = tokens[i];
        return true;
    }
}
