using System.Diagnostics;
using System.Text.Json;

namespace Lamina.Cli.Tests.Commands;

/// <summary>What only whole processes show: signals, and several at once.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-process-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    [InlineData("INT", 130)]
    public async Task A_signal_saves_the_run_and_ends_with_its_code(string signal, int code)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("there are no such signals on Windows");
        string run = Path.Combine(_folder, "run");
        using Process process = Start("train", "--quick", "--epochs", "100000", "--run", run, "--json");
        while (await process.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            if (!line.Contains("\"epoch\"", StringComparison.Ordinal)) continue;
            using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"])) await kill.WaitForExitAsync(Cancel);
            break;
        }
        string rest = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(code, process.ExitCode);
        Assert.Contains("\"interrupted\"", rest);
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(run, "checkpoints")));
    }

    // As behind `| head`: what is written for nobody isn't computed, and what is learned is kept.
    [Fact]
    public async Task Text_that_nobody_reads_is_not_written_and_a_training_that_nobody_watches_goes_on()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no signal for a closed pipe");
        string run = Path.Combine(_folder, "run"), book = Path.Combine(_folder, "book.txt");
        await File.WriteAllTextAsync(book, string.Concat(Enumerable.Range(0, 300).Select(i => $"the {(i % 3 == 0 ? "cat" : "hen")} sat on the {(i % 2 == 0 ? "mat" : "log")}.\n")), Cancel);
        using (Process training = Start("train", book, "--epochs", "2", "--layers", "1", "--width", "16", "--context", "16", "--batch", "4", "--run", run))
        {
            Assert.Equal('t', training.StandardOutput.Read());
            training.StandardOutput.Close();
            await training.WaitForExitAsync(Cancel);
            Assert.Equal(141, training.ExitCode);
            Assert.True(File.Exists(Path.Combine(run, "model.safetensors")));
        }
        using Process writing = Start("generate", run, "--length", "1000000000000");
        Assert.NotEqual(-1, writing.StandardOutput.Read());
        writing.StandardOutput.Close();
        await writing.WaitForExitAsync(Cancel);
        Assert.Equal(141, writing.ExitCode);
    }

    [Fact]
    public async Task Runs_that_begin_at_once_have_folders_of_their_own()
    {
        const int Count = 8;
        Process[] processes = [.. Enumerable.Range(0, Count).Select(seed => Start("train", "--quick", "--epochs", "1", "--seed", $"{seed}", "--json"))];
        string[] outputs = await Task.WhenAll(processes.Select(p => p.StandardOutput.ReadToEndAsync(Cancel)));
        for (int seed = 0; seed < Count; seed++)
        {
            await processes[seed].WaitForExitAsync(Cancel);
            Assert.True(processes[seed].ExitCode == 0, outputs[seed]);
            using JsonDocument finished = JsonDocument.Parse(Lines.Of(outputs[seed])[^1]);
            string run = Path.Combine(_folder, finished.RootElement.GetProperty("run").GetString()!);
            using JsonDocument info = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(run, "run.json"), Cancel));
            Assert.Equal(seed, info.RootElement.GetProperty("settings").GetProperty("seed").GetInt64());
            processes[seed].Dispose();
        }
        Assert.Equal(Count, Directory.GetDirectories(Path.Combine(_folder, "runs")).Length);
    }

    // In a folder of its own: runs/ is made there.
    private Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "lamina.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        WorkingDirectory = _folder,
    })!;
}
