using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Tokenizer = Lamina.Learning.Texts.Tokenizer;

namespace Lamina.Tasks.Writing;

/// <summary>
/// A vocabulary that others have published, read by Microsoft.ML.Tokenizers: byte-level pairs as GPT-2's <c>vocab.json</c> with <c>merges.txt</c>
/// beside it, a <c>.tiktoken</c> file, or a SentencePiece <c>.model</c>. Its file is kept in whatever is saved, so that a run needs nothing else.
/// </summary>
public sealed partial record PublishedTokenizer : Tokenizer
{
    // The largest published vocabularies have some 10 MB.
    private const int MostBytes = 32 << 20;

    private const string Pairs = "pairs", Tiktoken = "tiktoken", SentencePiece = "sentencepiece";

    private readonly Microsoft.ML.Tokenizers.Tokenizer _tokenizer;
    private readonly byte[]?[] _bytes;

    /// <summary>A tokenizer of files, such as one that was saved.</summary>
    /// <param name="form">What they are: <c>pairs</c>, <c>tiktoken</c> or <c>sentencepiece</c>.</param>
    /// <param name="vocabulary">The file, compressed by Brotli, in base64.</param>
    /// <param name="merges">The file of merges alike; empty where there is none.</param>
    /// <exception cref="ArgumentException">They are no such files.</exception>
    public PublishedTokenizer(string form, string vocabulary, string merges)
    {
        (Form, Vocabulary, Merges) = (form, vocabulary, merges);
        try
        {
            (_tokenizer, IEnumerable<(int Token, byte[] Bytes)> known) = Read(form, Unpack(vocabulary), Unpack(merges));
            (int Token, byte[] Bytes)[] all = [.. known];
            if (all.Length < 2) throw new ArgumentException("it has no tokens");
            if (all.Any(t => (uint)t.Token >= TokenStore.MostKinds))
                throw new ArgumentException(FormattableString.Invariant($"its largest token is {all.Max(t => t.Token):N0}, and {TokenStore.MostKinds - 1:N0} is the most"));
            _bytes = new byte[]?[all.Max(t => t.Token) + 1];
            foreach ((int token, byte[] bytes) in all) _bytes[token] = bytes;
        }
        // The files come from anywhere; what the reader throws at one that is none of its own is not told.
        catch (Exception e) when (e is not (ArgumentException or OutOfMemoryException))
        {
            throw new ArgumentException(e.Message.Split('\n')[0], e);
        }
    }

    /// <summary>What the files are.</summary>
    public string Form { get; }

    /// <summary>The file of tokens, compressed, in base64.</summary>
    public string Vocabulary { get; }

    /// <summary>The file of merges, compressed, in base64; empty where there is none.</summary>
    public string Merges { get; }

    /// <inheritdoc/>
    public override int Size => _bytes.Length;

    /// <summary>Reads a file; what it is says its name.</summary>
    /// <param name="file"><c>….json</c> with <c>merges.txt</c> beside it, <c>….tiktoken</c>, or SentencePiece's <c>….model</c>.</param>
    /// <exception cref="DataException">It is none of them, or can't be read.</exception>
    public static PublishedTokenizer Open(string file)
    {
        string? form = Path.GetExtension(file).ToLowerInvariant() switch { ".json" => Pairs, ".tiktoken" => Tiktoken, ".model" => SentencePiece, _ => null };
        if (form is null)
            throw new DataException(file, "isn't named as a vocabulary is",
                "vocab.json with merges.txt beside it, NAME.tiktoken, or NAME.model of SentencePiece");
        string beside = Path.Combine(Path.GetDirectoryName(file) ?? "", "merges.txt");
        if (form == Pairs && !File.Exists(beside))
            throw new DataException(file, "has no merges.txt beside it, which says how its tokens are made", "that file, which is published with it");
        string vocabulary = Pack(file), merges = form == Pairs ? Pack(beside) : "";
        try
        {
            return new(form, vocabulary, merges);
        }
        catch (ArgumentException e)
        {
            throw new DataException(file, $"can't be read as a vocabulary: {e.Message}", "the file as it was published", e);
        }
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        foreach (int token in _tokenizer.EncodeToIds(text))
            if ((uint)token < (uint)_bytes.Length) tokens.Add(token);
    }

    /// <inheritdoc/>
    public override void Decode(int token, List<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, _bytes.Length);
        bytes.AddRange(_bytes[token] ?? []);
    }

    private static (Microsoft.ML.Tokenizers.Tokenizer, IEnumerable<(int, byte[])>) Read(string form, byte[] vocabulary, byte[] merges)
    {
        switch (form)
        {
            case Pairs:
                using (JsonDocument json = JsonDocument.Parse(vocabulary))
                {
                    KeyValuePair<string, int>[] all = [.. json.RootElement.EnumerateObject().Select(t => KeyValuePair.Create(t.Name, t.Value.GetInt32()))];
                    IEnumerable<string> lines = Encoding.UTF8.GetString(merges)
                        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                        .Where((line, i) => i > 0 || !line.StartsWith("#version", StringComparison.Ordinal));
                    var pairs = BpeTokenizer.Create(new BpeOptions(all) { Merges = [.. lines], ByteLevel = true,
                        PreTokenizer = new RegexPreTokenizer(Words(), null) });
                    return (pairs, all.Select(t => (t.Value, OfLetters(t.Key))));
                }
            case Tiktoken:
                using (MemoryStream stream = new(vocabulary))
                {
                    TiktokenTokenizer tiktoken = TiktokenTokenizer.Create(stream, new RegexPreTokenizer(Words(), null), null);
                    // Each line is a token's bytes in base64, a blank and its number.
                    return (tiktoken, Encoding.UTF8.GetString(vocabulary).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                        .Select(line => line.Split(' ')).Select(t =>
                        (int.Parse(t[1], NumberStyles.None, CultureInfo.InvariantCulture), Convert.FromBase64String(t[0]))));
                }
            case SentencePiece:
                using (MemoryStream stream = new(vocabulary))
                {
                    SentencePieceTokenizer pieces = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
                    return (pieces, pieces.Vocabulary.Select(t => (t.Value, OfPiece(t.Key))));
                }
            default:
                throw new ArgumentException($"'{form}' is no form of a vocabulary");
        }
    }

    // How GPT-2 cuts a text into words before pairs are merged (Radford et al., 2019).
    [GeneratedRegex(@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    // GPT-2 writes each byte as a letter of its own: those that can be seen as themselves, the others from U+0100 on.
    private static byte[] OfLetters(string token)
    {
        var bytes = new List<byte>(token.Length);
        foreach (char c in token)
        {
            if (c < 256) bytes.Add((byte)c);
            else if (c - 256 < s_hidden.Length) bytes.Add(s_hidden[c - 256]);
            else bytes.AddRange(Encoding.UTF8.GetBytes([c])); // a special token's letter
        }
        return [.. bytes];
    }

    private static readonly byte[] s_hidden = [.. Enumerable.Range(0, 256).Where(b => b is not (>= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE))
        .Select(b => (byte)b)];

    // SentencePiece writes a blank as U+2581, and single bytes as <0x0A>.
    private static byte[] OfPiece(string piece) =>
        piece is ['<', '0', 'x', _, _, '>'] && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte one) ? [one]
            : Encoding.UTF8.GetBytes(piece.Replace('\u2581', ' '));

    private static string Pack(string file)
    {
        byte[] bytes;
        try
        {
            if (!File.Exists(file)) throw new DataException(file, "isn't there", "the path of a vocabulary");
            if (new FileInfo(file).Length > MostBytes)
                throw new DataException(file, $"has more than {MostBytes >> 20} MB, which no vocabulary has", "the file of its tokens alone");
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(file, $"can't be read: {e.Message.Split('\n')[0]}", "a file that you may read", e);
        }
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal)) brotli.Write(bytes);
        return Convert.ToBase64String(packed.ToArray());
    }

    private static byte[] Unpack(string text)
    {
        using var brotli = new BrotliStream(new MemoryStream(Convert.FromBase64String(text)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        var part = new byte[1 << 16];
        for (int read; (read = brotli.Read(part)) > 0; bytes.Write(part, 0, read))
            if (bytes.Length > MostBytes) throw new ArgumentException($"it has more than {MostBytes >> 20} MB, which no vocabulary has");
        return bytes.ToArray();
    }
}
