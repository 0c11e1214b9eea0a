namespace Lamina.Learning.Texts;

/// <summary>What a candidate for a token stands for.</summary>
internal enum TokenKind
{
    /// <summary>The next word is in capitals.</summary>
    Capitals,
    /// <summary>A word of letters or digits.</summary>
    Word,
    /// <summary>Punctuation or an emoji.</summary>
    Symbol,
    /// <summary>A word with digits, all of them alike: 0800-12 and 0900-34 have one shape.</summary>
    Shape,
    /// <summary>A word and the one before it.</summary>
    Pair,
}

/// <summary>Everything in a text that could be a token, in order: each word, what is said of it, and its pair with the word before.</summary>
internal ref struct TokenReader
{
    /// <summary>Characters of memory that it needs.</summary>
    public const int Memory = WordReader.Longest + LongestShape + 2 * LongestPair;

    // Stands for capitals, and begins a shape: no word that is read has it.
    private const char Mark = '\u0001';
    private const int LongestShape = WordReader.Longest + 1, LongestPair = 2 * WordReader.Longest + 1;

    private readonly Span<char> _shape, _even, _odd;
    private WordReader _words;
    private int _before;
    private bool _isOdd;
    private TokenKind _next = TokenKind.Capitals;

    /// <summary>Begins to read a text with <see cref="Memory"/> characters to work in.</summary>
    public TokenReader(ReadOnlySpan<char> text, Span<char> memory)
    {
        _words = new(text, memory[..WordReader.Longest]);
        _shape = memory.Slice(WordReader.Longest, LongestShape);
        _even = memory.Slice(WordReader.Longest + LongestShape, LongestPair);
        _odd = memory.Slice(WordReader.Longest + LongestShape + LongestPair, LongestPair);
    }

    /// <summary>What it stands for.</summary>
    public TokenKind Kind { get; private set; }

    /// <summary>Its text, until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<char> Token { get; private set; }

    /// <summary>Goes to the next.</summary>
    /// <returns>False at the text's end.</returns>
    public bool Read()
    {
        while (true)
        {
            TokenKind now = _next;
            _next = now == TokenKind.Pair ? TokenKind.Capitals : now + 1;
            switch (now)
            {
                case TokenKind.Capitals:
                    if (!_words.Read()) return false;
                    if (!_words.IsCapitals) break;
                    _shape[0] = Mark;
                    return Give(now, _shape[..1]);
                case TokenKind.Word:
                    _next = TokenKind.Shape;
                    return Give(_words.IsLetters ? TokenKind.Word : TokenKind.Symbol, _words.Word);
                case TokenKind.Shape:
                    if (!_words.HasDigit) break;
                    _shape[0] = Mark;
                    for (int i = 0; i < _words.Word.Length; i++) _shape[i + 1] = char.IsDigit(_words.Word[i]) ? '0' : _words.Word[i];
                    return Give(now, _shape[..(_words.Word.Length + 1)]);
                default:
                    ReadOnlySpan<char> word = _words.Word;
                    int first = _before;
                    _before = word.Length;
                    // The word waits in one memory for the next one, and ends the pair in the other.
                    Span<char> pair = _isOdd ? _odd : _even, next = _isOdd ? _even : _odd;
                    _isOdd = !_isOdd;
                    word.CopyTo(next);
                    if (first == 0) break;
                    pair[first] = ' ';
                    word.CopyTo(pair[(first + 1)..]);
                    return Give(now, pair[..(first + 1 + word.Length)]);
            }
        }
    }

    private bool Give(TokenKind kind, ReadOnlySpan<char> token)
    {
        Kind = kind;
        Token = token;
        return true;
    }
}
