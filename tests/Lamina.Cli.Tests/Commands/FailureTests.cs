using System.Runtime.InteropServices;
using Lamina.Cli.Commands;
using Lamina.Cli.Rendering;
using Lamina.Formats;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Images;
using Lamina.Tensors.Shapes;

namespace Lamina.Cli.Tests.Commands;

/// <summary>How a job's failure and a person's Ctrl-C reach the shell.</summary>
public sealed class FailureTests
{
    private readonly Terminal _terminal = new();

    public static TheoryData<string, string> Failures => new()
    {
        { nameof(DataException), "error: pics: expected a folder\n  try another path\n" },
        { nameof(TaskException), "error: runs/a is no run\n  try lamina train\n" },
        { nameof(DivergedException), "error: the loss became NaN at step 12\n  first in  head: matmul\n  try a lower learning rate, or clip the gradients\n  set it:  lamina train --learning-rate X\n" },
        { nameof(SaveException), "error: m could not be saved: the disk is full; what was there before is untouched\n  try freeing some space\n" },
        { nameof(TensorException), "error: matmul: sizes differ\n" },
        { nameof(FileFormatException), "error: m: byte 8: expected {, found x\n  try a copy\n" },
        { nameof(IOException), "error: the pipe is broken\n" },
        { nameof(UnauthorizedAccessException), "error: no permission\n" },
        { nameof(OperationCanceledException), "error: stopped before it was done\n" },
        { nameof(OutOfMemoryException), "error: out of memory\n  try a smaller --batch, or smaller data\n" },
    };

    private static Exception Make(string name) => name switch
    {
        nameof(DataException) => new DataException("pics", "expected a folder", "another path"),
        nameof(TaskException) => new TaskException("runs/a is no run", "lamina train"),
        nameof(DivergedException) => new DivergedException(12, double.NaN, "head: matmul"),
        nameof(SaveException) => new SaveException("m", "the disk is full", "freeing some space"),
        nameof(TensorException) => new TensorException("matmul: sizes differ"),
        nameof(FileFormatException) => new FileFormatException("m", "byte 8", "{", "x", "a copy"),
        nameof(IOException) => new IOException("the pipe is broken"),
        nameof(UnauthorizedAccessException) => new UnauthorizedAccessException("no permission"),
        nameof(OperationCanceledException) => new OperationCanceledException(),
        _ => new OutOfMemoryException(),
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failed_job_says_why_and_what_to_do(string name, string message)
    {
        Assert.Equal(1, _terminal.Run(new FakeJobs { Failure = Make(name) }, "train"));
        Assert.Equal(message, _terminal.Error);
    }

    // The library names no option; the command line says how to resume from the checkpoint that was kept.
    [Fact]
    public void A_diverged_run_says_how_to_go_on()
    {
        string folder = Directory.CreateTempSubdirectory("lamina-cli-diverged-").FullName;
        try
        {
            string run = Path.Combine(folder, "run");
            Assert.Equal(1, CommandLineApp.Run(["train", "--quick", "--optimizer", "sgd", "--learning-rate", "1e30", "--run", run], Jobs.Real, _terminal.Plain, TestContext.Current.CancellationToken));
            string said = _terminal.Error;
            Assert.Contains("\n  first in  ", said);
            Assert.Contains($"\n  kept  the checkpoint of step ", said);
            Assert.EndsWith($"\n  try a lower learning rate, or clip the gradients\n  go on from there:  lamina train --resume {run} --learning-rate 1E+29\n", said);
            Assert.Equal(1, CommandLineApp.Run(["train", "--resume", run], Jobs.Real, _terminal.Plain, TestContext.Current.CancellationToken));
            Assert.Contains("error: this run diverged before: ", _terminal.Error);
            Assert.Equal(0, CommandLineApp.Run(["train", "--resume", run, "--learning-rate", "0.01"], Jobs.Real, _terminal.Plain, TestContext.Current.CancellationToken));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_nobody_expected_is_a_line_without_a_stack()
    {
        Assert.Equal(1, _terminal.Run(new FakeJobs { Failure = new InvalidOperationException("broken\nin two") }, "summary", "runs/a"));
        Assert.Equal("error: unexpected: InvalidOperationException: broken in two\n  set LAMINA_DEBUG=1 for the stack\n", _terminal.Error);
    }

    [Fact]
    public void Messages_cannot_steer_the_terminal()
    {
        Assert.Equal(1, _terminal.Run(new FakeJobs { Failure = new TaskException("\e[2Jno such run") }, "summary", "runs/a"));
        Assert.Equal("error: \\u001b[2Jno such run\n", _terminal.Error);
    }

    [Fact]
    public void With_json_the_error_is_the_last_line()
    {
        Assert.Equal(1, _terminal.Run(new FakeJobs { Failure = new TaskException("no", "yes") }, "train", "--json"));
        Assert.Equal("""{"event":"error","message":"no\n  try yes"}""", Lines.Of(_terminal.Output)[^1]);
    }

    [Fact]
    public void Interrupted_training_says_how_to_go_on()
    {
        using var interrupts = new Interrupts(_ => { });
        var jobs = new FakeJobs { AfterStep = interrupts.Signal };

        Assert.Equal(130, CommandLineApp.Run(["train"], jobs.Jobs, _terminal.Plain, interrupts.Token));

        Assert.EndsWith(
            $"""

            stopped   in epoch 1, at step 1; the run is saved in {FakeJobs.Run}
            go on     lamina train --resume {FakeJobs.Run}

            """.ReplaceLineEndings("\n"), _terminal.Output);
    }

    [Fact]
    public void Interrupted_training_says_so_to_programs()
    {
        using var interrupts = new Interrupts(_ => { });
        var jobs = new FakeJobs { AfterStep = interrupts.Signal };
        Assert.Equal(130, CommandLineApp.Run(["train", "--json"], jobs.Jobs, _terminal.Plain, interrupts.Token));
        Assert.Equal($$"""{"event":"interrupted","run":"{{FakeJobs.Run}}","epochs":0,"step":1}""", Lines.Of(_terminal.Output)[^1]);
    }

    [Fact]
    public void Interrupted_before_the_first_step_there_is_nothing_to_save()
    {
        using var interrupts = new Interrupts(_ => { });
        interrupts.Signal();
        var jobs = new FakeJobs { Failure = new OperationCanceledException() };
        Assert.Equal(130, CommandLineApp.Run(["train"], jobs.Jobs, _terminal.Plain, interrupts.Token));
        Assert.Equal("interrupted before the first step: there was nothing to save\n", _terminal.Error);
        Assert.Equal(130, CommandLineApp.Run(["train", "--json"], jobs.Jobs, _terminal.Plain, interrupts.Token));
        Assert.Equal("""{"event":"interrupted","message":"interrupted before the first step: there was nothing to save"}""", Lines.Of(_terminal.Output)[^1]);
    }

    [Fact]
    public void The_second_signal_ends_the_program()
    {
        var codes = new List<int>();
        using var interrupts = new Interrupts(codes.Add);
        interrupts.Signal();
        Assert.True(interrupts.Token.IsCancellationRequested);
        Assert.Empty(codes);
        interrupts.Signal();
        Assert.Equal([130], codes);
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT, 130)]
    [InlineData(PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGHUP, 129)]
    public void Each_signal_has_its_code(PosixSignal signal, int code)
    {
        var codes = new List<int>();
        using var interrupts = new Interrupts(codes.Add);
        Assert.Equal(1, interrupts.ExitCode(1));
        interrupts.Signal(signal);
        Assert.Equal(code, interrupts.ExitCode(ExitCodes.Interrupted));
        Assert.Equal(1, interrupts.ExitCode(1)); // what went wrong is said, signal or not
        interrupts.Signal(signal);
        Assert.Equal([code], codes);
    }

    [Fact]
    public void A_terminal_that_is_closed_is_a_stop_and_no_failure()
    {
        using var interrupts = new Interrupts(_ => { });
        var jobs = new FakeJobs { AfterStep = () => interrupts.Signal(PosixSignal.SIGHUP) };
        int code = CommandLineApp.Run(["train"], jobs.Jobs, new Screen(new FullDisk(), new StringWriter()), interrupts.Token);
        Assert.Equal(129, interrupts.ExitCode(code));
    }

    [Fact]
    public void Output_that_fails_does_not_stop_the_training()
    {
        int steps = 0;
        var jobs = new FakeJobs { AfterStep = () => steps++ };
        foreach (string[] line in (string[][])[["train"], ["train", "--json"]])
        {
            var error = new StringWriter();
            Assert.Equal(1, CommandLineApp.Run(line, jobs.Jobs, new FullDisk(), error, TestContext.Current.CancellationToken));
            Assert.Contains("standard output can't be written: the disk is full", error.ToString());
        }
        Assert.Equal(40, steps);
    }

    private sealed class FullDisk : StringWriter
    {
        public override void Write(string? value) => throw new IOException("the disk is full");
    }
}
