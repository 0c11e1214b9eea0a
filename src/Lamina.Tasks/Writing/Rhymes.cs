using System.Text;
using Lamina.Tensors;

namespace Lamina.Tasks.Writing;

/// <summary>
/// A synthetic text for trying out: short verses by a small grammar, whose lines rhyme in pairs. Spelling, grammar and rhyme can be learned,
/// the choice of words can't, so that no model foretells all of it.
/// </summary>
internal static class Rhymes
{
    /// <summary>What it is called.</summary>
    public const string Name = "built-in synthetic verses";

    private const ulong Seed = 1;
    private const int Verses = 3_000;

    private static readonly (string First, string Second)[] s_rhymes =
    [
        ("moon", "tune"), ("sea", "tree"), ("night", "light"), ("town", "crown"), ("day", "hay"), ("stone", "bone"), ("rain", "lane"), ("snow", "crow"),
        ("hill", "mill"), ("king", "ring"), ("cat", "hat"), ("house", "mouse"), ("sand", "hand"), ("bell", "well"), ("bread", "bed"), ("star", "jar"),
    ];

    private static readonly string[] s_who = ["the miller", "a fox", "the old queen", "a sparrow", "my brother", "the baker", "a sailor", "the blind mole"],
        s_does = ["carried", "painted", "followed", "forgot", "sold", "found", "hid", "sang to"],
        s_how = ["golden", "little", "crooked", "silver", "sleepy", "broken", "merry", "cold"],
        s_where = ["under", "beside", "behind", "over", "near"],
        s_then = ["and nobody", "but who then", "while never a child", "so all of us"],
        s_knew = ["remembered", "wondered about", "would speak of", "came back for"];

    /// <summary>The text.</summary>
    public static string Text()
    {
        var random = new RandomStream(Seed, 0);
        string Of(string[] words) => words[random.NextInt(words.Length)];
        var text = new StringBuilder();
        for (int verse = 0; verse < Verses; verse++)
        {
            for (int pair = 0; pair < 2; pair++)
            {
                (string first, string second) = s_rhymes[random.NextInt(s_rhymes.Length)];
                string who = Of(s_who);
                text.Append(char.ToUpperInvariant(who[0])).Append(who.AsSpan(1)).Append($" {Of(s_does)} the {Of(s_how)} {first},\n");
                text.Append($"{Of(s_then)} {Of(s_knew)} it {Of(s_where)} the {second}{(pair == 1 ? "." : ";")}\n");
            }
            text.Append('\n');
        }
        return text.ToString();
    }
}
