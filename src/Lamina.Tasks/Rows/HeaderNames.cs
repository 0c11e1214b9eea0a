using System.Globalization;

namespace Lamina.Tasks.Rows;

/// <summary>Makes names of columns usable: all different and none blank.</summary>
internal static class HeaderNames
{
    /// <summary>The numbers of columns that have no names.</summary>
    public static string[] Numbers(int count) => [.. Enumerable.Range(1, count).Select(Number)];

    /// <summary>Names without blanks around them, a blank one by its number, a later one of equal ones with _2, _3 …</summary>
    /// <param name="header">The names as they stand in the source.</param>
    /// <param name="notes">Takes what was changed.</param>
    public static string[] Usable(IReadOnlyList<string> header, List<string> notes)
    {
        string[] names = [.. header.Select(n => string.Join(' ', n.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
        string[] blank = [.. Enumerable.Range(0, names.Length).Where(i => names[i].Length == 0).Select(i => names[i] = Number(i + 1))];
        if (blank.Length > 0) notes.Add($"{Wording.Count(blank.Length, "column")} without a name, called by number: {Wording.Names(blank)}");
        // A name that stands as it is goes before one that is made.
        var taken = new HashSet<string>(names, StringComparer.Ordinal);
        if (taken.Count == names.Length) return names;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = new Dictionary<string, int>(StringComparer.Ordinal);
        var renamed = new List<string>();
        for (int i = 0; i < names.Length; i++)
        {
            if (seen.Add(names[i])) continue;
            int number = next.GetValueOrDefault(names[i], 2);
            string made;
            while (!taken.Add(made = $"{names[i]}_{number.ToString(CultureInfo.InvariantCulture)}")) number++;
            next[names[i]] = number + 1;
            renamed.Add(names[i] = made);
            seen.Add(made);
        }
        notes.Add($"columns of the same name, renamed: {Wording.Names(renamed)}");
        return names;
    }

    private static string Number(int column) => column.ToString(CultureInfo.InvariantCulture);
}
