namespace Lamina.Learning.Modules;

/// <summary>Patterns of module and parameter paths, where a star stands for any characters.</summary>
public static class PathPattern
{
    /// <summary>Whether a path such as <c>hidden.1.weight</c> fits a pattern such as <c>hidden.*</c>, from its beginning to its end.</summary>
    public static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        // The last star takes as few characters as it can, and one more each time the rest doesn't fit.
        int p = 0, i = 0, star = -1, resume = 0;
        while (i < path.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, resume) = (p++, i);
            else if (p < pattern.Length && pattern[p] == path[i]) (p, i) = (p + 1, i + 1);
            else if (star >= 0) (p, i) = (star + 1, ++resume);
            else return false;
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
