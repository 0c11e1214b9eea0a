using Lamina.Tasks;

namespace Lamina.Cli.Commands;

/// <summary>Finds the name that was probably meant on the command line.</summary>
internal static class Nearest
{
    /// <summary>"; did you mean …?" with the candidate that is near enough for a typing slip, or nothing.</summary>
    public static string Suggestion(string typed, IEnumerable<string> candidates) =>
        Find(typed, candidates) is { } near ? $"; did you mean {near}?" : "";

    // Dashes are no letters of a name: -epochs and --epochs are the same slip away.
    public static string? Find(string typed, IEnumerable<string> candidates)
    {
        string[] names = [.. candidates];
        string? near = NearName.Find(typed.TrimStart('-'), names.Select(name => name.TrimStart('-')));
        return near is null ? null : names.First(name => name.TrimStart('-') == near);
    }
}
