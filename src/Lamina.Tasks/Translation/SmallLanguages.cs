using System.Text;
using Lamina.Tensors;

namespace Lamina.Tasks.Translation;

/// <summary>
/// Synthetic pairs of sentences for trying out: plain English by a small grammar, and an invented language that puts the time first and the verb
/// last, adjectives behind their nouns, and says by endings what English says by small words and by order.
/// </summary>
internal static class SmallLanguages
{
    /// <summary>What they are called.</summary>
    public const string Name = "built-in synthetic sentences in two languages";

    private const ulong Seed = 1;
    private const int Count = 4_000;

    // Singular, plural, invented.
    private static readonly (string One, string Many, string Other)[] s_nouns =
    [
        ("fox", "foxes", "rulo"), ("bird", "birds", "pitu"), ("child", "children", "nemba"), ("king", "kings", "garo"), ("queen", "queens", "selin"),
        ("sailor", "sailors", "marot"), ("horse", "horses", "kabol"), ("apple", "apples", "duma"), ("letter", "letters", "skriba"),
            ("boat", "boats", "naval"),
        ("stone", "stones", "petra"), ("song", "songs", "lirun"), ("flower", "flowers", "flozi"), ("baker", "bakers", "panet"),
            ("wolf", "wolves", "volku"),
        ("mouse", "mice", "musik"), ("teacher", "teachers", "dotor"), ("lamp", "lamps", "luzel"),
    ];

    private static readonly (string Word, string Other)[] s_adjectives =
    [
        ("red", "roza"), ("small", "miki"), ("old", "veto"), ("happy", "gaia"), ("tired", "sonno"), ("golden", "orin"), ("strange", "bizu"),
            ("young", "juvo"), ("quiet", "tasi"), ("big", "magu"),
    ];

    // Present with one, with many, past, invented.
    private static readonly (string One, string Many, string Past, string Other)[] s_verbs =
    [
        ("sees", "see", "saw", "vid"), ("finds", "find", "found", "trov"), ("carries", "carry", "carried", "port"),
            ("loves", "love", "loved", "amor"),
        ("paints", "paint", "painted", "pint"), ("forgets", "forget", "forgot", "oblid"), ("follows", "follow", "followed", "segu"),
            ("buys", "buy", "bought", "komp"),
        ("hides", "hide", "hid", "kash"), ("remembers", "remember", "remembered", "memo"),
    ];

    private static readonly (string Word, string Other)[] s_places =
    [
        ("in the garden", "hortun"), ("under the bridge", "pontul"), ("near the sea", "marip"), ("in the house", "kasun"),
            ("behind the mill", "molat"), ("on the hill", "kolin"),
    ];

    private static readonly (string Word, bool IsPast, string Other)[] s_times =
        [("today", false, "odi"), ("every day", false, "sempi"), ("yesterday", true, "iero"), ("last winter", true, "hivero")];

    private static readonly (string Word, bool IsMany, string Other)[] s_articles = [("the", false, "la"), ("a", false, ""), ("the", true, "la"),
        ("two", true, "du"), ("many", true, "mult")];

    /// <summary>The pairs.</summary>
    public static IEnumerable<(string Source, string Target)> Pairs()
    {
        var random = new RandomStream(Seed, 0);
        for (int i = 0; i < Count; i++) yield return Sentence(random);
    }

    private static (string, string) Sentence(RandomStream random)
    {
        T Of<T>(T[] all) => all[random.NextInt(all.Length)];
        (string time, bool isPast, string otherTime) = Of(s_times);
        (string who, string otherWho, bool areMany) = Phrase(Of(s_articles), Of(s_nouns), random.NextInt(2) == 0 ? Of(s_adjectives) : null, "");
        (string whom, string otherWhom, _) = Phrase(Of(s_articles), Of(s_nouns), random.NextInt(2) == 0 ? Of(s_adjectives) : null, "m");
        var verb = Of(s_verbs);
        (string Word, string Other)? place = random.NextInt(2) == 0 ? Of(s_places) : null;
        bool isDenied = random.NextInt(5) == 0;
        string does = isDenied ? $"{(isPast ? "did" : areMany ? "do" : "does")} not {verb.Many}" : isPast ? verb.Past : areMany ? verb.Many
            : verb.One;
        string source = $"{who} {does} {whom}{(place is { } p ? $" {p.Word}" : "")} {time}.";
        string target = $"{otherTime} {otherWho} {(place is { } q ? $"{q.Other} " : "")}{otherWhom} {(isDenied ? "ne " : "")}{verb.Other}{(isPast ? "at" : "ez")}{(areMany ? "in" : "")}.";
        return (Capital(source), Capital(target));
    }

    // Article, adjective and noun; noun, adjective and article, with an ending for many and one for the object.
    private static (string, string, bool) Phrase((string Word, bool IsMany, string Other) article, (string One, string Many, string Other) noun,
        (string Word, string Other)? adjective, string ending)
    {
        string first = adjective?.Word ?? (article.IsMany ? noun.Many : noun.One);
        string word = article.Word == "a" && "aeiou".Contains(first[0]) ? "an" : article.Word, plural = article.IsMany ? "s" : "";
        var other = new StringBuilder(noun.Other).Append(plural).Append(ending);
        if (adjective is { } a) other.Append(' ').Append(a.Other).Append(plural);
        if (article.Other.Length > 0) other.Append(' ').Append(article.Other);
        return ($"{word} {(adjective is { } b ? $"{b.Word} " : "")}{(article.IsMany ? noun.Many : noun.One)}", other.ToString(), article.IsMany);
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
