using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Data;
using Lamina.Learning.Texts;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Writing;

/// <summary>The text of a job as tokens, in three parts: of a book the last tenth is the test, of a list a tenth of its lines.</summary>
internal sealed class WritingData : IDisposable
{
    public const double TestShare = 0.1, ValidationShare = 0.05;

    /// <summary>The most pieces that an epoch validates on.</summary>
    public const int MostValidation = 512;

    // A million characters tell the loss to a thousandth; of a text of a gigabyte the whole last tenth would take half an hour.
    private const int MostTest = 16_384;

    private const int MostList = 64 << 20, MostLine = 200, FewestLines = 100;

    private readonly TokenStore _tokens = new();
    private readonly TokenStore? _ownTest, _ownValidation;
    private readonly long _validation, _test;

    private WritingData(string source, string hash, Tokenizer tokenizer, bool isList, TokenStore tokens, long validation, long test, TokenStore? ownValidation,
        TokenStore? ownTest, long characters, List<string> notes)
    {
        (Source, Hash, Tokenizer, IsList, _tokens, _validation, _test, _ownValidation, _ownTest, Notes) =
            (source, hash, tokenizer, isList, tokens, validation, test, ownValidation, ownTest, notes);
        CharactersEach = Math.Max(1, characters) / (double)Math.Max(1, tokens.Count);
    }

    public string Source { get; }

    public string Hash { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>Whether it is a list of short lines, such as names.</summary>
    public bool IsList { get; }

    public double CharactersEach { get; }

    /// <summary>The file of the test; null: a part of the text.</summary>
    public string? OwnTestPath { get; private init; }

    /// <summary>The file of the validation; null: a part of the text.</summary>
    public string? OwnValidationPath { get; private init; }

    public List<string> Notes { get; }

    /// <summary>Number of training tokens.</summary>
    public long TrainingCount => _validation;

    /// <summary>Counts of the training text.</summary>
    public Trigrams Counts() => new(_tokens, 0, _validation, Tokenizer.Size);

    /// <summary>Reads a text and cuts it into parts.</summary>
    /// <param name="source">The text; null: the built-in one.</param>
    /// <param name="tokenizer">The tokenizer, given a way to read the text again; it is asked for once.</param>
    /// <param name="isList">Whether it is a list; null: to be found out.</param>
    /// <param name="seed">Random seed of the lines' order.</param>
    /// <param name="context">Is told how far it is; cancelled, it stops.</param>
    /// <exception cref="DataException">The text can't be used.</exception>
    public static WritingData Open(DataSource? source, Func<Action<ReadOnlySpanAction>, Tokenizer> tokenizer, bool? isList, long seed,
        TaskContext context)
    {
        var notes = new List<string>();
        string name = source?.Path ?? Rhymes.Name, hash = "";
        string[] files = source is null ? [] : BookReader.Files(source.Path);
        List<string>? told = notes;
        void All(ReadOnlySpanAction piece)
        {
            if (source is null)
            {
                string text = Rhymes.Text();
                hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
                piece(text);
            }
            else hash = Read(files, piece, told, context);
            told = null;
        }

        bool list = isList ?? files.Length == 1 && LooksLikeList(files[0]);
        if (list && files.Sum(f => new FileInfo(f).Length) > MostList)
            throw new DataException(name, $"has more than the {MostList >> 20} MB of a list, whose lines are put into another order",
                "a shorter list, or the text as a book");
        string[]? lines = list ? Lines(name, All, seed, notes) : null;
        void InOrder(ReadOnlySpanAction piece)
        {
            if (lines is null) All(piece);
            else
                foreach (string line in lines) piece(line);
        }

        Tokenizer chosen = tokenizer(InOrder);
        if (list && !chosen.Decode(chosen.Encode("\n")).Contains('\n'))
            throw new TaskException("the tokens of this vocabulary have no line end, and a list's items end in one",
                $"another vocabulary, or --{WritingTask.Book}");
        // A part of a list begins with the first of equal lines.
        int testLine = lines is null ? 0 : source?.Test is null ? FirstLine(lines, lines.Length, TestShare) : lines.Length,
            validationLine = lines is null ? 0 : source?.Validation is null ? FirstLine(lines, testLine, ValidationShare) : testLine;
        (TokenStore tokens, long characters, long[] cuts) = Encode(chosen, InOrder, notes, lines is null ? [] : [validationLine, testLine]);
        TokenStore? Own(string? path) => path is null ? null
            : Encode(chosen, piece => BookReader.Read(BookReader.Files(path), p => piece(p), notes, context.Cancel), notes).Tokens;
        TokenStore? ownValidation = Own(source?.Validation), ownTest = Own(source?.Test);
        long test = ownTest is not null ? tokens.Count : lines is null ? tokens.Count - (long)(TestShare * tokens.Count) : cuts[1];
        long validation = ownValidation is not null ? test : lines is null ? test - (long)(ValidationShare * tokens.Count) : cuts[0];
        return new(name, hash, chosen, list, tokens, validation, test, ownValidation, ownTest, characters, notes) { OwnTestPath = source?.Test,
            OwnValidationPath = source?.Validation };
    }

    // Tells how far it is; with notes for the first time.
    private static string Read(string[] files, ReadOnlySpanAction piece, List<string>? notes, TaskContext context)
    {
        string doing = notes is null ? "reading megabytes of text" : "looking at megabytes of text";
        int megabytes = (int)Math.Min(int.MaxValue, files.Sum(f => new FileInfo(f).Length) >> 20);
        long read = 0;
        return BookReader.Read(files, p =>
        {
            // Characters, which are bytes in most texts.
            if (read >> 24 != (read += p.Length) >> 24) context.Tell(new Preparing(doing, (int)Math.Min(megabytes, read >> 20), megabytes));
            piece(p);
        }, notes, context.Cancel);
    }

    /// <summary>The sets, of pieces of so many tokens.</summary>
    /// <param name="context">Tokens of a piece.</param>
    /// <param name="perEpoch">Pieces of an epoch.</param>
    /// <param name="counts">The counts of the training text.</param>
    /// <param name="facts">What was decided.</param>
    /// <exception cref="DataException">A part is shorter than a piece.</exception>
    public TaskData Assemble(int context, int perEpoch, Trigrams counts, IReadOnlyList<Fact> facts)
    {
        TextWindows validation = _ownValidation is null ? TextWindows.InOrder(_tokens, _validation, _test, context, MostValidation)
            : TextWindows.InOrder(_ownValidation, 0, _ownValidation.Count, context, MostValidation);
        TextWindows test = _ownTest is null ? TextWindows.InOrder(_tokens, _test, _tokens.Count, context, MostTest, counts)
            : TextWindows.InOrder(_ownTest, 0, _ownTest.Count, context, MostTest, counts);
        RequirePiece(_ownValidation, OwnValidationPath, validation, context);
        RequirePiece(_ownTest, OwnTestPath, test, context);
        if (TrainingCount <= context || validation.Count == 0 || test.Count == 0)
            throw new DataException(Source, $"has {_tokens.Count:N0} {ItemOf(Tokenizer)}s, too few for pieces of {context} to train, validate and test on",
                _tokens.Count >= 200 ? $"a longer text, or --{WritingTask.Context} {Math.Min(context / 2, _tokens.Count / 50)}" : "a longer text");
        return new(TextWindows.Random(_tokens, 0, _validation, context, perEpoch), validation, test, Source, Hash,
            FormattableString.Invariant($"{_tokens.Count:N0} {ItemOf(Tokenizer)}s in pieces of {context}"), Notes) { Facts = facts };
    }

    private void RequirePiece(TokenStore? own, string? path, TextWindows windows, int context)
    {
        if (own is not null && windows.Count == 0)
            throw new DataException(path!, $"has {own.Count:N0} {ItemOf(Tokenizer)}s, fewer than the {context} of a piece and one more",
                $"a longer text, or a smaller --{WritingTask.Context}");
    }

    /// <summary>Another text to measure a run's network on.</summary>
    public static Dataset ForTest(string path, Tokenizer tokenizer, int context, List<string> notes, CancellationToken cancel)
    {
        TokenStore tokens = Encode(tokenizer, piece => BookReader.Read(BookReader.Files(path), p => piece(p), notes, cancel), notes).Tokens;
        TextWindows windows = TextWindows.InOrder(tokens, 0, tokens.Count, context);
        return windows.Count > 0 ? windows : throw new DataException(path,
            $"has {tokens.Count:N0} {ItemOf(tokenizer)}s that the network knows, fewer than the {context} of a piece", "a longer text");
    }

    /// <summary>What a token of a tokenizer is called.</summary>
    public static string ItemOf(Tokenizer tokenizer) => tokenizer is CharacterTokenizer ? "character" : tokenizer is ByteTokenizer ? "byte" : "token";

    /// <inheritdoc/>
    public void Dispose()
    {
        _tokens.Dispose();
        _ownTest?.Dispose();
        _ownValidation?.Dispose();
    }

    // With the number of tokens before each of some pieces.
    private static (TokenStore Tokens, long Characters, long[] Before) Encode(Tokenizer tokenizer, Action<ReadOnlySpanAction> text, List<string> notes,
        params long[] pieces)
    {
        var store = new TokenStore();
        var tokens = new List<int>();
        long characters = 0, unknown = 0, number = 0;
        var before = new long[pieces.Length];
        string odd = "";
        var open = new StringBuilder();
        // A piece may end within a word, which the next one goes on with; only the end of a line surely ends a token.
        text(piece =>
        {
            for (int i = 0; i < pieces.Length; i++)
                if (pieces[i] == number) before[i] = store.Count;
            number++;
            characters += piece.Length;
            int end = tokenizer is BpeTokenizer or PublishedTokenizer ? piece.LastIndexOf('\n') : piece.Length;
            if (end < 0 && open.Length < 1 << 20) open.Append(piece);
            else
            {
                end = Math.Max(0, end);
                open.Append(piece[..end]);
                Flush();
                open.Append(piece[end..]);
            }
        });
        Flush();
        store.Complete();
        for (int i = 0; i < pieces.Length; i++)
            if (pieces[i] >= number) before[i] = store.Count;
        if (unknown > 0)
            notes.Add($"{unknown:N0} characters that the tokens don't know are left out: {Wording.Letters(odd)}");
        // Bits of a character are of those that are learned.
        return (store, characters - unknown, before);

        void Flush()
        {
            tokens.Clear();
            string part = open.ToString();
            tokenizer.Encode(part, tokens);
            store.Add(tokens);
            open.Clear();
            if (tokenizer is not CharacterTokenizer) return;
            int runes = 0;
            foreach (Rune _ in part.EnumerateRunes()) runes++;
            if (runes == tokens.Count) return;
            unknown += runes - tokens.Count;
            if (odd.Length < 64) odd = string.Concat((odd + tokenizer.Unknown(part)).EnumerateRunes().Distinct());
        }
    }

    // Many short lines, hardly one of which is a sentence: names, words, recipes' titles.
    private static bool LooksLikeList(string file)
    {
        var head = new StringBuilder();
        try
        {
            using var reader = new StreamReader(file);
            var buffer = new char[1 << 16];
            head.Append(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // the reading says why
        }
        string[] lines = head.ToString().Split('\n', StringSplitOptions.TrimEntries);
        if (lines.Length < FewestLines || new FileInfo(file).Length > MostList) return false;
        int named = lines.Count(l => l.Length is > 0 and <= 40 && l.Count(char.IsWhiteSpace) <= 3
            && (!char.IsPunctuation(l[^1]) || l[^1] is ')' or '"' or '\'' or '!'));
        // Where no blanks stand between words, a short line may well be a sentence.
        int letters = 0, alone = 0;
        foreach (Rune rune in head.ToString().EnumerateRunes())
            if (Rune.IsLetter(rune)) (letters, alone) = (letters + 1, alone + (rune.Value >= 0x0E00 && !IsSpaced(rune) ? 1 : 0));
        return named >= 0.98 * lines.Length && alone <= letters / 2;
    }

    // Letters of Korean, Ethiopian and others that put blanks between words although their code is high.
    private static bool IsSpaced(Rune rune) => rune.Value is >= 0x10A0 and <= 0x177F or >= 0x1800 and <= 0x2DFF or >= 0xA000;

    // In an order by chance, those that occur several times one behind the other, so that they fall into one part.
    private static string[] Lines(string name, Action<ReadOnlySpanAction> all, long seed, List<string> notes)
    {
        var text = new StringBuilder();
        all(piece => text.Append(piece));
        string[] found = text.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            lines = [.. found.Where(l => l.Length <= MostLine)];
        if (lines.Length < found.Length)
        {
            if (lines.Length == 0)
                throw new DataException(name, $"has no line of at most {MostLine} characters, which a list's items have", $"--{WritingTask.Book}");
            notes.Add($"{Wording.Count(found.Length - lines.Length, "line")} of {found.Length:N0} with more than {MostLine} characters left out");
        }
        ulong[] keys = [.. lines.Select(l => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed} {l}")))))];
        Array.Sort(keys, lines);
        return [.. lines.Select((l, i) => i == 0 ? $"\n{l}\n" : $"{l}\n")];
    }

    // The line from where on to the end stands a share of all characters; of equal ones, which are neighbours, the first.
    private static int FirstLine(string[] lines, int end, double share)
    {
        double rest = share * lines.Sum(l => (long)l.Length);
        int line = end;
        while (line > 1 && rest >= lines[line - 1].Length) rest -= lines[--line].Length;
        while (line > 1 && line < lines.Length && lines[line] == lines[line - 1]) line--;
        return line;
    }
}

/// <summary>Takes a piece of a text.</summary>
internal delegate void ReadOnlySpanAction(ReadOnlySpan<char> piece);
