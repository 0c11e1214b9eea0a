using System.CommandLine;
using System.Globalization;

namespace Lamina.Cli.Commands;

/// <summary>
/// Reads options' values. They're parsed as text, so that a wrong one is answered with what was typed and what is
/// accepted.
/// </summary>
internal sealed class Values(ParseResult parsed)
{
    private string Command => UsageCheck.Name(parsed.CommandResult.Command);

    public bool Has(Option<bool> flag) => parsed.GetValue(flag);

    public string? Text(Option<string> option)
    {
        string? value = parsed.GetValue(option);
        return value is "" ? throw Wrong(option, "\"\"", "a name") : value;
    }

    /// <summary>A whole number in a range, or null where the option isn't given.</summary>
    public int? Whole(Option<string> option, int least, int most = int.MaxValue)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most)
            return (int)value;
        bool isTooLarge = most < int.MaxValue || value > most || text.TrimStart('+').All(char.IsAsciiDigit) && value == 0 && text.Length > 1;
        throw Wrong(option, text, $"a whole number from {least}{(isTooLarge ? $" to {most}" : "")}");
    }

    /// <summary>One of some names, or null where the option isn't given.</summary>
    public string? Name(Option<string> option, string kind, IReadOnlyList<string> names)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        string? known = names.FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        return known ?? throw new UsageException($"{option.Name} {Shown(text)}: unknown {kind}{Nearest.Suggestion(text, names)}", Command,
            $"accepted: {string.Join(", ", names)}");
    }

    private UsageException Wrong(Option option, string text, string accepted) => new($"{option.Name} {Shown(text)}: expected {accepted}", Command);

    private static string Shown(string text) => text.Length == 0 ? "\"\"" : text;
}
