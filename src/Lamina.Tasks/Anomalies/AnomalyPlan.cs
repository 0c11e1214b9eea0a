using System.Globalization;
using System.Text.Json;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Anomalies;

/// <summary>Decides what a request to look for anomalies leaves open.</summary>
internal sealed class AnomalyPlan(TaskRequest request, RowSource rows, string source, TaskContext context)
{
    private const int UsualWindow = 32, LongestWindow = 48, MostSeason = 64, Fewest = 24;
    private const double UsualShare = 0.05;

    /// <exception cref="DataException">The series can't be used.</exception>
    public TaskPlan Make(string? usualLabel)
    {
        string[] Named(string option) => request.Text(option) is { } list ? [list] : [];
        string? label = request.Text(AnomalyTask.Label) is { } given ? rows.Columns[ColumnNames.Find(rows, given)] : usualLabel;
        RowSource read = label is null ? rows : new LabelRows(rows, ColumnNames.Find(rows, label));
        SeriesTable table = SeriesReader.Read(read, new SeriesChoice
        {
            Time = request.Text(CommonOptions.Time), Id = request.Text(AnomalyTask.Id), Step = request.Text(AnomalyTask.Step),
            Named = [.. Named(AnomalyTask.Target), .. label is null ? [] : new[] { label }], Dropped = Named(AnomalyTask.Drop),
        }, context.Cancel);
        string[] watched = Watched(table, label);
        table = table.Select([.. watched, .. label is null ? [] : new[] { label }]);
        long longest = table.Tracks.Max(t => (long)t.Steps);
        if (longest < Fewest) throw new DataException(table.Source, $"has {longest:N0} steps, too few to say what is usual",
            $"a series of {Fewest} steps or more");
        int season = request.Whole(AnomalyTask.Season) ?? SeasonOf(table, watched.Length);
        int window = request.Whole(AnomalyTask.Window) ?? Window(season, longest);
        if (window * 3L > longest) throw new DataException(table.Source, $"has {longest:N0} steps, too few for windows of {window}",
            $"--{AnomalyTask.Window} {Math.Max(1, longest / 6)}");
        var columns = new NumberOutput[watched.Length];
        for (int c = 0; c < columns.Length; c++) columns[c] = Robust(table, c);
        var output = new AnomalyOutput(columns, window) { Season = Math.Clamp(season, 8, MostSeason), Share = request.Number(AnomalyTask.Share)
            ?? UsualShare };
        if (!(output.Share > 0)) throw new TaskException($"--{AnomalyTask.Share} 0: expected a share above 0 and below 1", "0.01");
        var recipe = new AnomalyRecipe(table.Layout, window, label);
        TaskData data = new AnomalyData(table, recipe, output).Assemble(source, Facts(table, recipe, output));
        string model = request.Text(AnomalyTask.Network) ?? AnomalyTask.Dense;
        int windows = data.Training.Count;
        return new(
            CommonOptions.Settings(request, windows, Math.Clamp(500_000 / windows, 10, 60), 2e-3, Math.Clamp(windows / 32, 4, 128)),
                Kept(watched, window, season, output.Share, model, label),
            Model.Describe(new Autoencoder(NetworkOf(model, window, watched.Length))),
                JsonSerializer.SerializeToElement(recipe, AnomalyJson.Default.AnomalyRecipe), output, data);
    }

    private string[] Watched(SeriesTable table, string? label)
    {
        string[] all = [.. table.Layout.Columns.Select(c => c.Name).Where(n => n != label).Except(request.Text(AnomalyTask.Target) is null
            ? table.Counters : [])];
        string[] named = request.Text(AnomalyTask.Target) is { } list ? [.. ColumnNames.FindAll(rows, list).Select(c => rows.Columns[c])] : all;
        if (label is not null && named.Contains(label)) throw new TaskException($"column '{label}' holds the labels, so it can't be watched",
            "another column");
        string[] constant = [.. named.Where(n => Spread(table, Array.FindIndex([.. table.Layout.Columns], c => c.Name == n)) is not > 0)];
        if (constant.Length == named.Length)
            throw new DataException(table.Source, named.Length == 0 ? "has no column to watch besides its labels"
                : $"has the same value in all steps of {Wording.Names(constant)}: nothing is usual or odd", "a series that varies");
        string doNot = constant.Length == 1 ? "it doesn't" : "they don't";
        if (constant.Length > 0) table.Notes.Add($"left out, since {doNot} vary: {Wording.Names(constant)}");
        return [.. named.Except(constant)];
    }

    private static int SeasonOf(SeriesTable table, int columns)
    {
        SeriesTrack longest = table.Tracks.MaxBy(t => t.Steps)!;
        int found = Seasonality.Of([.. Enumerable.Range(0, columns).Select(longest.Filled)], table.Grid);
        // A drift is looked for over a day where a year was found.
        return found <= MostSeason ? found : (int)Math.Round(Seasonality.Natural(table.Grid).Where(l => l <= MostSeason).DefaultIfEmpty(1).Max());
    }

    // Whole eighths, so that convolutions can halve them.
    private static int Window(int season, long longest)
    {
        int wanted = season is > 4 and <= LongestWindow ? season : UsualWindow;
        return (int)Math.Max(4, Math.Min((wanted + 7) / 8 * 8, longest / 6 / 4 * 4));
    }

    private static AutoencoderOptions NetworkOf(string model, int window, int columns)
    {
        int values = window * columns;
        var options = new AutoencoderOptions
        {
            Steps = window, Channels = columns, Limit = 8, HidesChannels = columns > 1, HiddenShare = Math.Clamp(1.5 / columns, 0.1, 0.5),
            Hidden = [Math.Clamp(values / 2, 16, 128)], Code = Math.Clamp(values / 6, 2, 48),
        };
        if (model != AnomalyTask.Convolutional) return options;
        if (window % 2 != 0) throw Odd(window);
        return options with { Kind = AutoencoderKind.Convolutional, Hidden = window % 4 == 0 ? [32, 32] : [32], Code = 8 };
    }

    private static TaskException Odd(int window) =>
        new($"--{AnomalyTask.Window} {window}: convolutions halve the steps, so there must be an even number", $"{window + 1}");

    // The middle half's width over 1.349 is the deviation of a normal distribution, whatever is odd.
    private static NumberOutput Robust(SeriesTable table, int column)
    {
        double[] values = Values(table, column);
        double middle = values[values.Length / 2], spread = Spread(values);
        return new(table.Layout.Columns[column].Name, middle, spread);
    }

    private static double? Spread(SeriesTable table, int column) => Values(table, column) is { Length: > 0 } values ? Spread(values) : null;

    // Of sorted values; the standard deviation where more than half of them are one.
    private static double Spread(double[] values)
    {
        double half = values[3 * values.Length / 4] - values[values.Length / 4];
        if (half > 0) return half / 1.349;
        double mean = values.Average(), most = values.Max(v => Math.Abs(v - mean));
        return most == 0 ? 0 : most * Math.Sqrt(values.Average(v => (v - mean) / most * ((v - mean) / most)));
    }

    private static double[] Values(SeriesTable table, int column)
    {
        var values = new List<double>();
        foreach (SeriesTrack track in table.Tracks)
            for (int i = column; i < track.Values.Length; i += track.Width)
                if (!double.IsNaN(track.Values[i])) values.Add(track.Values[i]);
        values.Sort();
        return [.. values];
    }

    private Dictionary<string, JsonElement> Kept(string[] watched, int window, int season, double share, string model, string? label)
    {
        JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, AnomalyJson.Default.String);
        var kept = new Dictionary<string, JsonElement>
        {
            [AnomalyTask.Window] = JsonSerializer.SerializeToElement(window, AnomalyJson.Default.Int32),
                [AnomalyTask.Season] = JsonSerializer.SerializeToElement(season, AnomalyJson.Default.Int32),
            [AnomalyTask.Share] = JsonSerializer.SerializeToElement(share, AnomalyJson.Default.Double), [AnomalyTask.Network] = Text(model),
        };
        if (request.Text(AnomalyTask.Target) is not null) kept[AnomalyTask.Target] = Text(string.Join(',', watched));
        if (request.Text(AnomalyTask.Label) is not null) kept[AnomalyTask.Label] = Text(label!);
        foreach (string option in (string[])[AnomalyTask.Drop, AnomalyTask.Id, AnomalyTask.Step])
            if (request.Text(option) is { } text) kept[option] = Text(text);
        return kept;
    }

    private static List<Fact> Facts(SeriesTable table, AnomalyRecipe recipe, AnomalyOutput output)
    {
        string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        string used = recipe.Label is { } label ? $"; '{label}' is used to measure alone" : "";
        return
        [
            new("columns", "columns", $"{Wording.Names([.. output.Columns.Select(c => c.Name)])} to watch{used}"),
            new("time", "time", table.TimeRange),
            new("window", "window", $"{N(recipe.Window)} steps; drifts over {N(output.Season)} steps"),
            new("share", "share",
                $"drifts are what {output.Share.ToString("P1", CultureInfo.InvariantCulture)} of the steps reach, spikes what a tenth of it does; "
                + "frozen and missing stretches are found by themselves"),
        ];
    }
}
