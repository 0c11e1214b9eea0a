using System.Buffers;
using System.Globalization;
using System.Text;
using Lamina.Formats;

namespace Lamina.Learning.Texts;

/// <summary>
/// Splits a text into words, close to Unicode Standard Annex 29: letters with their marks and digits are words, with an apostrophe, a point
/// or a comma inside where letters or digits stand on both sides; characters of scripts without blanks stand alone; so does an emoji with all
/// that belongs to it; equal punctuation in a row is one word of at most three. Words are folded: no case, composed, without styles.
/// </summary>
internal ref struct WordReader
{
    /// <summary>The most characters of a word; what is longer goes on as another word.</summary>
    public const int Longest = 64;

    private const int MostRepeats = 3;
    private readonly Span<char> _buffer;
    private ReadOnlySpan<char> _left;

    /// <summary>Begins to read a text.</summary>
    /// <param name="text">The text; half surrogate pairs are read as punctuation.</param>
    /// <param name="buffer">At least <see cref="Longest"/> characters to write words to.</param>
    public WordReader(ReadOnlySpan<char> text, Span<char> buffer)
    {
        _left = text;
        _buffer = buffer;
    }

    /// <summary>The word in its folded form, until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<char> Word { get; private set; }

    /// <summary>Whether it is made of letters or digits.</summary>
    public bool IsLetters { get; private set; }

    /// <summary>Whether it has a digit.</summary>
    public bool HasDigit { get; private set; }

    /// <summary>Whether it has two or more capital letters and no small ones.</summary>
    public bool IsCapitals { get; private set; }

    /// <summary>Goes to the next word.</summary>
    /// <returns>False at the text's end.</returns>
    public bool Read()
    {
        (IsLetters, HasDigit, IsCapitals) = (false, false, false);
        while (!_left.IsEmpty)
        {
            Rune rune = Next(_left, out int length);
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || WordFolding.IsInvisible(rune)) _left = _left[length..];
            else if (WordFolding.StandsAlone(rune)) return Alone();
            else if (WordFolding.IsWordPart(rune) && !IsKeycap(length)) return Letters();
            else return Symbol(rune);
        }
        return false;
    }

    private static Rune Next(ReadOnlySpan<char> text, out int length) =>
        Rune.DecodeFromUtf16(text, out Rune rune, out length) == OperationStatus.Done ? rune : Rune.ReplacementChar;

    // A digit, an emoji selector and a combining square.
    private readonly bool IsKeycap(int length) => _left.Length > length && _left[length] is '\uFE0F' or '\u20E3';

    private bool Letters()
    {
        int written = 0, capitals = 0, smalls = 0;
        bool mayCompose = false;
        Rune before = default;
        while (!_left.IsEmpty)
        {
            Rune rune = Next(_left, out int length);
            if (WordFolding.IsInvisible(rune))
            {
                _left = _left[length..];
                continue;
            }
            bool isInside = WordFolding.IsWordPart(rune) && !WordFolding.StandsAlone(rune);
            if (!isInside && !Joins(WordFolding.Plain(rune), before, _left[length..]) || written + WordFolding.Most > Longest) break;
            _left = _left[length..];
            written += WordFolding.Fold(rune, _buffer[written..]);
            if (Rune.IsUpper(rune)) capitals++;
            else if (Rune.IsLower(rune)) smalls++;
            HasDigit |= Rune.IsDigit(rune);
            mayCompose |= WordFolding.MayCompose(rune);
            before = rune;
        }
        (IsLetters, IsCapitals) = (true, capitals > 1 && smalls == 0);
        Word = mayCompose ? Composed(written) : _buffer[..written];
        return true;
    }

    // An apostrophe before a letter; a point or comma between digits.
    private static bool Joins(Rune rune, Rune before, ReadOnlySpan<char> after)
    {
        if (after.IsEmpty || rune.Value is not ('\'' or '.' or ',')) return false;
        Rune next = Next(after, out _);
        return rune.Value == '\'' ? Rune.IsLetterOrDigit(before) && Rune.IsLetter(next) && !WordFolding.StandsAlone(next) : Rune.IsDigit(before)
            && Rune.IsDigit(next);
    }

    // One character of a script without blanks, with its marks.
    private bool Alone()
    {
        int written = 0;
        bool mayCompose = false;
        do
        {
            Rune rune = Next(_left, out int length);
            if (written > 0 && !WordFolding.IsMark(rune)) break;
            _left = _left[length..];
            mayCompose |= WordFolding.MayCompose(rune);
            written += WordFolding.Fold(rune, _buffer[written..]);
        }
        while (!_left.IsEmpty && written + WordFolding.Most <= Longest);
        IsLetters = true;
        Word = mayCompose ? Composed(written) : _buffer[..written];
        return true;
    }

    // Emoji with skin tones, joiners and flags are one element of the text (UAX 29); selectors of a style are left out.
    private bool Symbol(Rune rune)
    {
        int length = StringInfo.GetNextTextElementLength(_left), written = 0;
        ReadOnlySpan<char> element = _left[..length];
        _left = _left[length..];
        if (rune == Rune.ReplacementChar || length > Longest)
        {
            _buffer[0] = (char)Rune.ReplacementChar.Value;
            Word = _buffer[..1];
            return true;
        }
        foreach (char c in element)
            if (c is < '\uFE00' or > '\uFE0F') _buffer[written++] = c;
        if (length == rune.Utf16SequenceLength && WordFolding.Plain(rune) is { Value: < 0x80 } plain) (_buffer[0], written) = ((char)plain.Value, 1);
        int one = written, repeats = 1;
        while (_left.StartsWith(element, StringComparison.Ordinal))
        {
            _left = _left[length..];
            if (++repeats > MostRepeats || written + one > Longest) continue;
            _buffer[..one].CopyTo(_buffer[written..]);
            written += one;
        }
        Word = _buffer[..written];
        return true;
    }

    private readonly ReadOnlySpan<char> Composed(int written) => ComposedText.Of(new string(_buffer[..written]));
}
