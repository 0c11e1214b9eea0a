using System.Globalization;
using System.Text.Json;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Series;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Forecasting;

/// <summary>Decides what a request for a forecast leaves open.</summary>
internal sealed class ForecastPlan(TaskRequest request, RowSource rows, string builtIn, TaskContext context)
{
    private const int MostLinear = 200_000, UnrestWindows = 2_000;

    /// <exception cref="DataException">The series can't be forecast.</exception>
    public TaskPlan Make()
    {
        string[] Named(string option) => request.Text(option) is { } list ? [list] : [];
        SeriesTable table = SeriesReader.Read(rows, new SeriesChoice
        {
            Time = request.Text(CommonOptions.Time), Id = request.Text(ForecastTask.Id), Step = request.Text(ForecastTask.Step),
            Named = [.. Named(ForecastTask.Target), .. Named(ForecastTask.Known)], Dropped = Named(ForecastTask.Drop),
        }, context.Cancel);
        long steps = table.End - table.First;
        int horizon = request.Whole(ForecastTask.Horizon) ?? ForecastDefaults.Horizon(table.Grid, steps);
        long[] ends = ForecastDefaults.Parts(request.Text(ForecastTask.Parts), steps, horizon, table.Source);
        ForecastColumns columns = ForecastColumns.Of(rows, table, request, ends[0], table.Notes);
        table = table.Select([.. columns.Targets, .. columns.Covariates, .. columns.Known]);
        int season = request.Whole(ForecastTask.Season) ?? SeasonOf(table, columns.Targets.Length, ends[0]);
        int window = request.Whole(ForecastTask.Window) ?? ForecastDefaults.Window(horizon, season, ends[0]);
        string[] circles = CalendarCircles.Beyond(table.Grid, window, ends[0]);
        ColumnScale[] scales = [.. Enumerable.Range(columns.Targets.Length, columns.Covariates.Length + columns.Known.Length).Select(c =>
            ForecastScaling.Of(table, c, ends[0]))];
        var shape = new SeriesShape { Window = window, Horizon = horizon, Targets = columns.Targets.Length, Covariates = columns.Covariates.Length,
            Known = columns.Known.Length + CalendarCircles.Width(circles) };
        var recipe = new ForecastRecipe(table.Layout, shape, scales, circles, ends);
        SeriesOutput output = ForecastScaling.Output(table, shape.Targets, ends[0], horizon, window, season);
        var data = new ForecastData(table, recipe, output);
        SeriesWindows training = data.Part(0);
        if (training.Count < 2 || data.Part(1).Count == 0 || data.Part(2).Count == 0) throw ForecastDefaults.TooShort(table.Source, steps, horizon,
            window);
        LinearFit fit = Fit(training, shape, season);
        output = output with
        {
            Unrest = UnrestOf(training, shape, output),
            Linear = (long)window * horizon <= MostLinear ? LinearBaseline.Of(fit.Level, fit.Weight.Read<float>()) : null,
        };
        string model = request.Text(ForecastTask.Network) ?? ForecastNetworks.Names[0];
        (int epochs, double rate) = ForecastNetworks.Training(model, training.Count);
        return new(
            CommonOptions.Settings(request, training.Count, epochs, rate, Math.Clamp(training.Count / 32, 4, 64)),
            Kept(columns, horizon, window, season, model), ForecastNetworks.Describe(model, shape, fit.Level),
            JsonSerializer.SerializeToElement(recipe, ForecastJson.Default.ForecastRecipe), output,
            new ForecastData(table, recipe, output).Assemble(table.Hash, Facts(table, columns, recipe, output)) with { Source = request.Data?.Path
                ?? builtIn });
    }

    // Of the longest track.
    private static int SeasonOf(SeriesTable table, int targets, long training)
    {
        SeriesTrack longest = table.Tracks.MaxBy(t => ForecastScaling.Steps(table, t, training))!;
        int steps = ForecastScaling.Steps(table, longest, training);
        return steps < 8 ? 1 : Seasonality.Of([.. Enumerable.Range(0, targets).Select(c => longest.Filled(c)[..steps])], table.Grid);
    }

    // The level that does best on training windows that weren't fitted.
    private static LinearFit Fit(SeriesWindows training, SeriesShape shape, int season)
    {
        int[] levels = [.. new[] { 0, 1, season }.Where(l => l < shape.Window).Distinct()];
        return levels.Select(level => LinearFit.Of(training, shape, level)).MinBy(f => f.Error)!;
    }

    private static double[] UnrestOf(SeriesWindows training, SeriesShape shape, SeriesOutput output)
    {
        var sums = new double[shape.Targets];
        int count = Math.Min(UnrestWindows, training.Count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> window = training.Take([(int)((long)i * training.Count / count)]).Input.Read<float>();
            for (int c = 0; c < sums.Length; c++) sums[c] += output.RawUnrest(window, shape.Channels, c) / count;
        }
        return sums;
    }

    private Dictionary<string, JsonElement> Kept(ForecastColumns columns, int horizon, int window, int season, string model)
    {
        JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, ForecastJson.Default.String);
        JsonElement Whole(int number) => JsonSerializer.SerializeToElement(number, ForecastJson.Default.Int32);
        var kept = new Dictionary<string, JsonElement>
        {
            [ForecastTask.Horizon] = Whole(horizon), [ForecastTask.Window] = Whole(window), [ForecastTask.Season] = Whole(season),
                [ForecastTask.Network] = Text(model),
        };
        if (request.Text(ForecastTask.Target) is not null) kept[ForecastTask.Target] = Text(string.Join(',', columns.Targets));
        foreach (string option in (string[])[ForecastTask.Known, ForecastTask.Drop, ForecastTask.Id, ForecastTask.Step, ForecastTask.Parts])
            if (request.Text(option) is { } text) kept[option] = Text(text);
        return kept;
    }

    private static List<Fact> Facts(SeriesTable table, ForecastColumns columns, ForecastRecipe recipe, SeriesOutput output)
    {
        string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        SeriesShape shape = recipe.Shape;
        string besides = columns.Covariates.Length > 0 ? $", {Wording.Names(columns.Covariates)} to look at too" : "";
        string ahead = columns.Known.Length > 0 ? $", {Wording.Names(columns.Known)} known ahead" : "";
        string season = output.Season > 1 ? $"a season of {N(output.Season)} steps" : "no season";
        string circles = recipe.Circles.Count > 0 ? $"; the place in the {string.Join(" and the ", recipe.Circles)} is known ahead" : "";
        (long training, long validation, long test) = (recipe.Ends[0], recipe.Ends[1] - recipe.Ends[0], recipe.Ends[2] - recipe.Ends[1]);
        var facts = new List<Fact>
        {
            new("columns", "columns", $"{Wording.Names(columns.Targets)} to forecast{besides}{ahead}"),
            new("time", "time", table.TimeRange),
            new("parts", "parts", $"the first {N(training)} steps for training, the next {N(validation)} for validation, then {N(test)} for the test"),
            new("window", "window", $"{N(shape.Window)} steps back, {N(shape.Horizon)} ahead; {season}{circles}"),
        };
        string[] logs = [.. output.Columns.Where(c => c.Transform is not null).Select(c => c.Name)];
        if (logs.Length > 0) facts.Add(new("logarithm", "log", $"{Wording.Names(logs)}: swings grow with the level, so the logarithm is learned"));
        return facts;
    }
}
