using System.Globalization;

namespace Lamina.Tasks.Spine;

/// <summary>What an option's value is.</summary>
public enum OptionKind
{
    /// <summary>Nothing: it is given or not. The value is a <see cref="bool"/>.</summary>
    Flag,
    /// <summary>A whole number in a range, a <see cref="long"/>.</summary>
    Whole,
    /// <summary>A number above 0, a <see cref="double"/>.</summary>
    Positive,
    /// <summary>A number from 0, a <see cref="double"/>.</summary>
    Number,
    /// <summary>A share from 0 to below 1, a <see cref="double"/>.</summary>
    Share,
    /// <summary>One of some names, a <see cref="string"/>.</summary>
    Choice,
    /// <summary>Any text that isn't empty, a <see cref="string"/>.</summary>
    Text,
}

/// <summary>An option of a task. Parsing, help and <c>run.json</c> come from this one declaration.</summary>
/// <param name="Name">Its name, in lower-case letters and dashes: <c>learning-rate</c>.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Help">What it sets, its unit or range, its default, as a sentence.</param>
public sealed record TaskOption(string Name, OptionKind Kind, string Help)
{
    /// <summary>What stands for its value in the help, such as <c>N</c>.</summary>
    public string ValueName { get; init; } = Kind switch
    {
        OptionKind.Whole => "N",
        OptionKind.Positive or OptionKind.Number or OptionKind.Share => "X",
        OptionKind.Choice => "NAME",
        OptionKind.Text => "TEXT",
        _ => "",
    };

    /// <summary>Another name that is taken too, or null.</summary>
    public string? Alias { get; init; }

    /// <summary>What a value is called in messages, such as <c>optimizer</c>.</summary>
    public string Noun { get; init; } = Name;

    /// <summary>The least whole number.</summary>
    public long Least { get; init; } = 1;

    /// <summary>The greatest whole number.</summary>
    public long Most { get; init; } = int.MaxValue;

    /// <summary>Whether a text may be empty.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>The names of a choice.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>A good value, for messages.</summary>
    public string Example { get; init; } = "0.001";

    /// <summary>Reads a value as it was typed.</summary>
    /// <exception cref="TaskOptionException">It can't be used; the message says what was typed and what is accepted.</exception>
    public object Parse(string text)
    {
        switch (Kind)
        {
            case OptionKind.Whole:
                if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && whole >= Least && whole <= Most)
                    return whole;
                // The upper end is only worth a word where it is the reason, or near.
                bool isTooLarge = Most < int.MaxValue || whole > Most || text.TrimStart('+').All(char.IsAsciiDigit) && whole == 0 && text.Length > 1;
                if (Least == long.MinValue) isTooLarge = text.Any(char.IsAsciiDigit) && text.TrimStart('+', '-').All(char.IsAsciiDigit);
                throw Wrong(text,
                    Least == long.MinValue && !isTooLarge ? "a whole number, such as 1" : $"a whole number from {Least}{(isTooLarge ? $" to {Most}" : "")}");
            case OptionKind.Positive or OptionKind.Number or OptionKind.Share:
                double number = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) ? parsed : double.NaN;
                return Problem(number) is { } why ? throw Wrong(text, why) : number;
            case OptionKind.Choice:
                if (Choices.FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
                string? near = NearName.Find(text.TrimStart('-'), Choices);
                throw new TaskOptionException($"{Name} {Shown(text)}: unknown {Noun}{(near is null ? "" : $"; did you mean {near}?")}",
                    $"accepted: {string.Join(", ", Choices)}");
            case OptionKind.Text:
                return text.Length > 0 || MayBeEmpty ? text : throw Wrong(text, "a text that isn't empty");
            default:
                return text.Equals("true", StringComparison.OrdinalIgnoreCase) ? true : throw Wrong(text, "no value");
        }
    }

    /// <summary>What is accepted, where a value is not; null for a good value.</summary>
    public string? Problem(object value) => (Kind, value) switch
    {
        (OptionKind.Whole, long x) => x >= Least && x <= Most ? null : $"a whole number from {Least}",
        // Held against float32, which the networks compute in.
        (OptionKind.Positive, double x) => (float)x > 0 && float.IsFinite((float)x) ? null : $"a number above 0, such as {Example}",
        (OptionKind.Number, double x) => x >= 0 && float.IsFinite((float)x) ? null : $"a number from 0, such as {Example}",
        (OptionKind.Share, double x) => x is >= 0 and < 1 ? null : $"a share from 0 to below 1, such as {Example}",
        (OptionKind.Choice, string x) => Choices.Contains(x) ? null : $"one of {string.Join(", ", Choices)}",
        (OptionKind.Text, string x) => x.Length > 0 || MayBeEmpty ? null : "a text that isn't empty",
        (OptionKind.Flag, bool) => null,
        _ => $"a value of the kind {Kind}",
    };

    private TaskOptionException Wrong(string text, string accepted) => new($"{Name} {Shown(text)}: expected {accepted}", null);

    private static string Shown(string text) => text.Length == 0 ? "\"\"" : text;
}

/// <summary>A value that an option doesn't take.</summary>
/// <param name="problem">What was given, beginning with the option's name, and what is accepted.</param>
/// <param name="more">A further line, or null.</param>
public sealed class TaskOptionException(string problem, string? more) : Exception(problem)
{
    /// <summary>A further line, or null.</summary>
    public string? More { get; } = more;
}
