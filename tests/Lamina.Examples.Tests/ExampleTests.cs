using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Lamina.Examples;

/// <summary>The examples run and learn what they say, and the README shows them as they are.</summary>
public sealed partial class ExampleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_network_learns_the_circle()
    {
        string output = await Run("FirstNetwork");
        Match result = Circle().Match(output);
        Assert.True(result.Success, output);
        Assert.InRange(int.Parse(result.Groups[1].Value), 0, 10);
        Assert.InRange(int.Parse(result.Groups[2].Value), 90, 100);
    }

    [Fact]
    public async Task By_hand_learns_xor()
    {
        string output = await Run("ByHand");
        foreach (string line in new[] { "0 xor 0 = 0.0", "0 xor 1 = 0.9", "1 xor 0 = 0.9", "1 xor 1 = 0.0" }) Assert.Contains(line, output);
    }

    [Fact]
    public async Task Native_learns_its_batch_by_heart()
    {
        Match losses = Losses().Match(await Run("Native", "60"));
        Assert.True(losses.Success);
        // Ten classes at random cost ln 10 = 2.3 at first.
        Assert.InRange(double.Parse(losses.Groups[1].Value), 1.5, 4);
        Assert.InRange(double.Parse(losses.Groups[2].Value), 0, 0.3);
    }

    [Fact]
    public async Task Native_opens_what_another_process_saved()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}.safetensors");
        try
        {
            string probability = (await Run("Native", "20", path)).Split("of zeros it says ")[1].Trim();
            string opened = await Run("Native", "load", path);
            Assert.StartsWith("Mlp(512-256-10) of task by heart: class ", opened);
            Assert.EndsWith($" with {probability}", opened.Trim());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task The_spam_filter_tells_spam_from_ham()
    {
        string[] lines = (await Run("SpamFilter")).Split('\n');
        Assert.StartsWith("spam", lines[0]);
        Assert.StartsWith("ham", lines[1]);
    }

    [Fact]
    public async Task The_houses_are_worth_what_the_formula_says()
    {
        Match result = Houses().Match(await Run("Houses"));
        Assert.True(result.Success);
        Assert.InRange(double.Parse(result.Groups[1].Value), 0.95, 1);
        Assert.InRange(double.Parse(result.Groups[2].Value.Replace(",", "")), 400_000, 500_000); // 450,000 by the formula
    }

    [Fact]
    public async Task Payments_that_are_probably_frauds_raise_an_alert()
    {
        string[] lines = (await Run("FraudAlerts")).Split('\n');
        Match figures = Alerts().Match(lines[0]);
        Assert.True(figures.Success, lines[0]);
        Assert.True(double.Parse(figures.Groups[1].Value) > double.Parse(figures.Groups[2].Value));
        Assert.Equal(["1200 at 3: yes", "1200 at 14: no", "1.20 at 14: yes", "20 at 3: no"], lines[2..6]);
    }

    [Fact]
    public async Task Films_are_recommended_to_those_who_like_their_kind()
    {
        string output = await Run("Films");
        Match result = Films().Match(output);
        Assert.True(result.Success, output);
        Assert.True(double.Parse(result.Groups[1].Value) < double.Parse(result.Groups[2].Value));
        Assert.InRange(double.Parse(result.Groups[3].Value), 4, 5); // user0 likes the even ones
        Assert.InRange(double.Parse(result.Groups[4].Value), 1, 2.5);
    }

    [Fact]
    public async Task Letters_between_brackets_are_inside()
    {
        string[] lines = (await Run("Positions")).Split('\n');
        Assert.Equal("ab(ca)bbca(b)cab", lines[0]);
        Assert.Equal("...ii......i....", lines[1]);
    }

    [Fact]
    public async Task What_is_written_is_made_of_the_rhymes_words()
    {
        string output = await Run("Writing"), code = File.ReadAllText(Path.Combine(Root, "examples/Writing/Program.cs"));
        Assert.Equal(200, output.Length);
        // Neither the first word, which the t may begin, nor the last, which may be cut off.
        string[] words = Regex.Split(output, @"[^a-z']+")[1..^1], known = Regex.Split(code.Split(new string('"', 3))[1], @"[^a-z']+");
        Assert.True(words.Length > 20, output);
        Assert.True(words.Count(known.Contains) > 0.9 * words.Length, output);
    }

    [Fact]
    public async Task Bars_are_drawn_as_they_were_asked_for()
    {
        string[] lines = (await Run("Drawings")).Split('\n');
        string[] left = [.. lines.Take(8).Select(l => l[..8])], right = [.. lines.Take(8).Select(l => l[10..18])];
        // A lying bar is a line or two of one kind, a standing one the same in each line.
        Assert.InRange(left.Count(l => l == "########"), 1, 3);
        Assert.InRange(left.Count(l => l == "........"), 5, 7);
        Assert.InRange(right[4].Count(c => c == '#'), 1, 3);
        Assert.InRange(right.Count(l => l == right[4]), 7, 8);
    }

    [Theory]
    [InlineData("Films", "recommend")]
    [InlineData("Positions", "sequences")]
    [InlineData("Writing", "writing")]
    [InlineData("Drawings", "drawing")]
    public void The_task_page_shows_the_example(string example, string task)
    {
        string code = File.ReadAllText(Path.Combine(Root, "examples", example, "Program.cs")), page = File.ReadAllText(Path.Combine(Root, "docs", "tasks", $"{task}.md"));
        string shown = code.Split($"// docs/tasks/{task}.md: from here\n")[1].Split($"// docs/tasks/{task}.md: to here")[0].Trim();
        Assert.Contains(shown, page);
    }

    [Fact]
    public async Task Whistles_rise_and_fall()
    {
        string[] lines = (await Run("Whistles")).Split('\n');
        Assert.StartsWith("rising", lines[0]);
        Assert.StartsWith("falling", lines[1]);
    }

    [Fact]
    public async Task Charts_have_steps_or_none()
    {
        string[] lines = (await Run("Charts")).Split('\n');
        Assert.StartsWith("step", lines[0]);
        Assert.StartsWith("steady", lines[1]);
    }

    [Fact]
    public async Task The_next_day_is_forecast_as_the_formula_says()
    {
        string output = await Run("Forecast");
        Match result = Regex.Match(output, @"MASE ([\d.]+), band (\d+) ?%[\s\S]*off by ([\d.]+)");
        Assert.True(result.Success, output);
        Assert.InRange(double.Parse(result.Groups[1].Value), 0.3, 0.95);
        Assert.InRange(double.Parse(result.Groups[2].Value), 70, 90);
        Assert.InRange(double.Parse(result.Groups[3].Value), 0, 0.5); // the noise is up to 0.5
        Assert.Contains("2024-03-01: ", output);
    }

    [Fact]
    public async Task A_sentence_is_translated_into_the_invented_language() =>
        Assert.StartsWith("garo veto pitum seguez: BLEU 100.00 (100.0/100.0/100.0/100.0, penalty 1.000)", await Run("Translate"));

    [Fact]
    public async Task The_faults_of_the_pump_are_found()
    {
        string output = await Run("Anomalies");
        Assert.Matches(@"AUC (1\.00|0\.9[5-9])", output);
        Assert.Contains("2024-01-30 04:00 to 2024-01-30 15:00: missing in Pressure", output);
        Assert.Contains("2024-01-17 16:00 to 2024-01-17 16:00: spike in Pressure", output);
    }

    [Theory]
    [InlineData("Forecast", "forecast")]
    [InlineData("Anomalies", "anomalies")]
    [InlineData("Whistles", "sound")]
    [InlineData("Charts", "series")]
    [InlineData("FraudAlerts", "fraud")]
    [InlineData("Translate", "translate")]
    public void The_page_of_the_task_shows_the_example(string example, string task)
    {
        string code = File.ReadAllText(Path.Combine(Root, "examples", example, "Program.cs"));
        string shown = code.Split("// docs: from here\n")[1].Split("// docs: to here")[0].Trim();
        Assert.Contains(shown, File.ReadAllText(Path.Combine(Root, "docs", "tasks", $"{task}.md")));
    }

    [Fact]
    public async Task The_shapes_are_told_and_the_page_of_images_shows_how()
    {
        string[] lines = (await Run("Shapes")).Split('\n');
        Assert.Matches(@"F1 (0\.9\d|1\.00), all right in", lines[0]);
        Assert.Equal("new.pgm: square", lines[1].Trim());
        string code = File.ReadAllText(Path.Combine(Root, "examples/Shapes/Program.cs")),
            page = File.ReadAllText(Path.Combine(Root, "docs/tasks/images.md"));
        Assert.Contains(code.Split("// docs/tasks/images.md: from here\n")[1].Split("// docs/tasks/images.md: to here")[0].Trim(), page);
    }

    [Theory]
    [InlineData("FirstNetwork")]
    [InlineData("Houses")]
    [InlineData("SpamFilter")]
    public void The_readme_shows_the_example(string example)
    {
        string code = File.ReadAllText(Path.Combine(Root, "examples", example, "Program.cs")), readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        string shown = code.Split("// README: from here\n")[1].Split("// README: to here")[0].Trim();
        Assert.Contains(shown, readme);
    }

    internal static string Root
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "Lamina.slnx"))) return folder.FullName;
            throw new InvalidOperationException("the tests run outside of a checkout");
        }
    }

    private static async Task<string> Run(string example, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, example + ".dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel), error = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }

    [GeneratedRegex(@"first step: loss ([\d.]+)\s+step 60: loss ([\d.]+), [\d.]+ ms a step")]
    private static partial Regex Losses();

    [GeneratedRegex(@"R² ([\d.]+), off by [\d,]+ on the average\s+100 m² at the harbour: ([\d,]+)")]
    private static partial Regex Houses();

    [GeneratedRegex(@"off by ([\d.]+), by the biases alone ([\d.]+)\s+user0 gives film2 ([\d.]+) and film3 ([\d.]+)\s+user0: \d+ ratings")]
    private static partial Regex Films();

    [GeneratedRegex(@"PR-AUC ([\d.]+), of a logistic regression ([\d.]+)")]
    private static partial Regex Alerts();

    [GeneratedRegex(@"the corner (\d+) ?%, the centre (\d+) ?%")]
    private static partial Regex Circle();
}
