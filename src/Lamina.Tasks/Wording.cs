using System.Text;
using Lamina.Formats;

namespace Lamina.Tasks;

/// <summary>Small words for messages.</summary>
internal static class Wording
{
    /// <summary>"1 image", "2 images".</summary>
    internal static string Count(int count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";

    /// <summary>The first twenty of some letters.</summary>
    internal static string Letters(string letters)
    {
        const int Shown = 20;
        Rune[] all = [.. letters.EnumerateRunes()];
        return all.Length <= Shown ? letters : $"{string.Concat(all.Take(Shown))}…";
    }

    /// <summary>The first few of some names, in quotes.</summary>
    internal static string Names(IReadOnlyCollection<string> names)
    {
        const int Shown = 10, Longest = 100;
        string text = string.Join(", ", names.Take(Shown).Select(n => $"'{ForeignText.Show(n, Longest)}'"));
        return names.Count > Shown ? $"{text} and {names.Count - Shown} more" : text;
    }
}
