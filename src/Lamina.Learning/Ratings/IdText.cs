namespace Lamina.Learning.Ratings;

/// <summary>Identifiers of users and items: any text; of a very long one its beginning and a hash of the whole.</summary>
public static class IdText
{
    /// <summary>The length up to which an identifier is kept as it is.</summary>
    public const int Longest = 120;

    /// <summary>The identifier, shortened where it is longer than <see cref="Longest"/>.</summary>
    public static string Of(ReadOnlySpan<char> id)
    {
        if (id.Length <= Longest) return id.ToString();
        const int Kept = 100;
        ulong hash = 14695981039346656037; // FNV-1a (Fowler, Noll and Vo)
        foreach (char c in id) hash = (hash ^ c) * 1099511628211;
        return $"{id[..(char.IsHighSurrogate(id[Kept - 1]) ? Kept - 1 : Kept)]}…{hash:x16}";
    }
}
