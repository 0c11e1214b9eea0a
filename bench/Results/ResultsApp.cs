using Lamina.Tests;

namespace Lamina.Results;

/// <summary>Measures rows and rewrites their lines of the page.</summary>
internal static class ResultsApp
{
    private const int Done = 0, Missed = 1, WrongUsage = 2, Interrupted = 130;

    /// <param name="args">The command line.</param>
    /// <param name="all">All rows there are.</param>
    /// <param name="page">The file of the page.</param>
    /// <param name="output">Takes the results.</param>
    /// <param name="error">Takes progress and what went wrong.</param>
    /// <param name="cancel">Ends it; rows that were measured stay on the page.</param>
    /// <returns>The exit code: 1 where a measured row misses its target or couldn't be measured, 2 for a wrong command line.</returns>
    public static int Run(string[] args, IReadOnlyList<ResultRow> all, string page, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        try
        {
            if (ResultsOptions.Parse(args, all) is not { } options)
            {
                output.Write(ResultsOptions.Help);
                return Done;
            }
            if (!options.List) return Measure(options, all, page, output, error, cancel);
            foreach (ResultRow row in options.Rows) output.WriteLine(row.Name);
            return Done;
        }
        catch (ArgumentException e)
        {
            error.WriteLine($"error: {e.Message}");
            return WrongUsage;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            error.WriteLine("\ninterrupted");
            return Interrupted;
        }
        catch (Exception e) when (e is ResultsException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"error: {e.Message}");
            return Missed;
        }
    }

    private static int Measure(ResultsOptions options, IReadOnlyList<ResultRow> all, string page, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        File.WriteAllText(page, ResultsPage.Complete(File.Exists(page) ? File.ReadAllText(page) : "", all));
        bool failed = false;
        foreach (ResultRow row in options.Rows)
        {
            if (Missing(row) is { } reason)
            {
                output.WriteLine($"{row.Name}: skipped, {reason}");
                continue;
            }
            try
            {
                string commit = Checkout.Commit, machine = Machine.Name;
                Measured measured = MeasureOne(row, options, error, cancel);
                string against = row.Goals.Count == 0 ? "" : $" ({string.Join(", ", row.Goals)}: {(row.IsMet(measured) ? "met" : "missed")})";
                output.WriteLine($"{row.Name}: {string.Join(", ", measured.Figures)}{against}");
                failed |= !row.IsMet(measured);
                if (options.CsvBytes is not null && row is CsvRow)
                    output.WriteLine($"{row.Name}: the page is left as it is, since the table was of another size");
                else
                    File.WriteAllText(page, ResultsPage.With(File.ReadAllText(page), row.Name, row.Of(measured, commit, DateOnly.FromDateTime(DateTime.UtcNow), machine)));
            }
            catch (ResultsException e)
            {
                // One that fails doesn't take the others with it.
                error.WriteLine($"error: {row.Name}: {e.Message}");
                failed = true;
            }
        }
        return failed ? Missed : Done;
    }

    private static Measured MeasureOne(ResultRow row, ResultsOptions options, TextWriter error, CancellationToken cancel)
    {
        using var progress = new Progress(error, row.Name);
        string folder = Directory.CreateTempSubdirectory("lamina-results-").FullName;
        try
        {
            var lamina = new LaminaProcess(() => Checkout.Lamina, folder, cancel);
            return row.Measure(new(lamina, folder, name => Path.GetFullPath(Find(name).Path!), progress.Tell) { CsvBytes = options.CsvBytes ?? CsvRow.Bytes });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Missing(ResultRow row) => row.Needs.Select(name => Find(name)).FirstOrDefault(found => found.Path is null).Reason;

    private static (string? Path, string Reason) Find(string name) =>
        RealData.Find(name, Environment.GetEnvironmentVariable(RealData.Variable), AppContext.BaseDirectory);
}
