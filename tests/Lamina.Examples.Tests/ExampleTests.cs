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

    [Theory]
    [InlineData("FraudAlerts", "fraud")]
    public void The_page_of_a_task_shows_its_example(string example, string task)
    {
        string code = File.ReadAllText(Path.Combine(Root, "examples", example, "Program.cs")), page = File.ReadAllText(Path.Combine(Root, "docs", "tasks", $"{task}.md"));
        Assert.Contains(code.Split("// docs: from here\n")[1].Split("// docs: to here")[0].Trim(), page);
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

    private static string Root
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

    [GeneratedRegex(@"PR-AUC ([\d.]+), of a logistic regression ([\d.]+)")]
    private static partial Regex Alerts();

    [GeneratedRegex(@"the corner (\d+) ?%, the centre (\d+) ?%")]
    private static partial Regex Circle();
}
