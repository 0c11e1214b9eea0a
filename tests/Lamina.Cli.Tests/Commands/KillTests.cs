using System.Diagnostics;

namespace Lamina.Cli.Tests.Commands;

/// <summary>
/// A run that is killed twenty times, at moments that fall into steps and into checkpoints being written, ends in the
/// bits of a run that was never stopped. Steps are few and a checkpoint follows each, so that most kills hit a save.
/// </summary>
public sealed class KillTests
{
    private const int Kills = 20, Epochs = 14;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_is_killed_twenty_times_ends_in_the_same_bits()
    {
        string folder = Directory.CreateTempSubdirectory("lamina-kill-").FullName;
        try
        {
            string straight = Path.Combine(folder, "straight"), killed = Path.Combine(folder, "killed");
            string[] options = ["--quick", "--epochs", Epochs.ToString(), "--threads", "2", "--json"];
            await Finish(["train", "--run", straight, .. options]);

            // Fixed moments, from just after the start of training to some saves later; the kill itself is what varies.
            var random = new Random(1);
            int hit = 0;
            for (int kill = 0; kill < Kills; kill++)
            {
                string[] arguments = kill == 0 ? ["train", "--run", killed, .. options] : ["train", "--resume", killed, "--threads", "1", "--json"];
                hit += await KillAfter(arguments, TimeSpan.FromMilliseconds(random.Next(0, 120))) ? 1 : 0;
            }
            Assert.True(hit > Kills / 2, $"only {hit} of {Kills} runs were still at work when they were killed");
            await Finish(["train", "--resume", killed, "--json"]);

            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(straight, "model.safetensors"), Cancel), await File.ReadAllBytesAsync(Path.Combine(killed, "model.safetensors"), Cancel));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A sample of the points; <c>dotnet run -c Release --project tests/Lamina.KillHarness</c> tries them all.</summary>
    [Fact]
    public async Task A_kill_at_a_change_to_the_file_system_loses_nothing()
    {
        var output = new StringWriter();
        KillHarness.KillReport report = await KillHarness.Harness.Run(8, output, Cancel);
        Assert.True(report.Points > 100, $"{report.Points} points");
        Assert.True(report.Failures.Count == 0, output.ToString());
    }

    private static async Task Finish(string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel), error = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, await error + await output);
    }

    // Waits until training has begun, then a little longer, and kills. Whether the process was still there.
    private static async Task<bool> KillAfter(string[] arguments, TimeSpan wait)
    {
        using Process process = Start(arguments);
        _ = process.StandardError.ReadToEndAsync(Cancel);
        while (await process.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            Assert.DoesNotContain("\"error\"", line);
            if (!line.Contains("\"checkpoint\"") && !line.Contains("\"started\"")) continue;
            await Task.Delay(wait, Cancel);
            bool alive = !process.HasExited;
            process.Kill();
            await process.WaitForExitAsync(Cancel);
            return alive;
        }
        return false;
    }

    private static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "lamina.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
