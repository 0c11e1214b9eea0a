using System.Globalization;

namespace Lamina.Results;

/// <summary>A command line, read.</summary>
/// <param name="Rows">The rows to measure.</param>
/// <param name="List">Whether they are only listed.</param>
/// <param name="CsvBytes">The size of the generated table, or null for the row's own.</param>
internal sealed record ResultsOptions(IReadOnlyList<ResultRow> Rows, bool List, long? CsvBytes)
{
    /// <summary>The help.</summary>
    public const string Help = """
        Measures rows of docs/results.md and rewrites them there.

          --only ROW[,ROW]  The rows (default: all).
          --list            Lists the rows and measures nothing.
          --csv-bytes N     Size of the generated table of csv-1gb, to try it; the page is left as it is.

        """;

    /// <summary>Reads a command line; null where the help is asked for.</summary>
    /// <exception cref="ArgumentException">It can't be understood; the message says what is accepted.</exception>
    public static ResultsOptions? Parse(string[] args, IReadOnlyList<ResultRow> all)
    {
        List<ResultRow>? rows = null;
        bool list = false;
        long? bytes = null;
        for (int i = 0; i < args.Length; i++)
        {
            string Value() => i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{args[i]} needs a value; see --help");
            switch (args[i])
            {
                case "--help" or "-h":
                    return null;
                case "--list":
                    list = true;
                    break;
                case "--only":
                    rows ??= [];
                    rows.AddRange(Value().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                        .Select(name => all.FirstOrDefault(r => r.Name == name)
                        ?? throw new ArgumentException($"--only {name}: there is no such row, only {string.Join(", ", all.Select(r => r.Name))}")));
                    break;
                case "--csv-bytes":
                    string text = Value();
                    bytes = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long n) && n > 0 ? n
                        : throw new ArgumentException($"--csv-bytes {text}: expected a whole number above 0");
                    break;
                default:
                    throw new ArgumentException($"{args[i]} is no option; see --help");
            }
        }
        return new([.. all.Where(r => rows is null || rows.Contains(r))], list, bytes);
    }
}
