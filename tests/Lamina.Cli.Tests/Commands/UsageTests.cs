namespace Lamina.Cli.Tests.Commands;

/// <summary>What a wrong command line gets: exit code 2 and one message that names what was typed and the way out.</summary>
public sealed class UsageTests
{
    private const string SeeTrain = "\n  see lamina train --help\n";

    [Theory]
    [InlineData("train --epoch 3", "unknown option --epoch; did you mean --epochs?")]
    [InlineData("train --epoch=3", "unknown option --epoch; did you mean --epochs?")]
    [InlineData("train --learningrate 3", "unknown option --learningrate; did you mean --learning-rate?")]
    [InlineData("train --overfit", "unknown option --overfit; did you mean --overfit-batch?")]
    [InlineData("train --zzz", "unknown option --zzz")]
    [InlineData("train -e 3", "unknown option -e")]
    [InlineData("train data -x", "unknown option -x")]
    [InlineData("train --epochs --bath 3", "unknown option --bath; did you mean --batch?")]
    [InlineData("train --Epochs 3", "unknown option --Epochs; did you mean --epochs?")]
    [InlineData("train --epochs", "--epochs needs a value after it: --epochs N")]
    [InlineData("train --epochs --batch 3", "--epochs needs a value after it: --epochs N")]
    [InlineData("train --epochs 3 --epochs 4", "--epochs is given 2 times")]
    [InlineData("train --epochs 0", "--epochs 0: expected a whole number from 1")]
    [InlineData("train --epochs -1", "--epochs -1: expected a whole number from 1")]
    [InlineData("train --epochs=-1", "--epochs -1: expected a whole number from 1")]
    [InlineData("train --epochs 1.5", "--epochs 1.5: expected a whole number from 1")]
    [InlineData("train --epochs ten", "--epochs ten: expected a whole number from 1")]
    [InlineData("train --epochs 3000000000", "--epochs 3000000000: expected a whole number from 1 to 2147483647")]
    [InlineData("train --epochs 99999999999999999999", "--epochs 99999999999999999999: expected a whole number from 1 to 2147483647")]
    [InlineData("train --batch 0", "--batch 0: expected a whole number from 1")]
    [InlineData("train --learning-rate NaN", "--learning-rate NaN: expected a number above 0, such as 0.001")]
    [InlineData("train --learning-rate 0", "--learning-rate 0: expected a number above 0, such as 0.001")]
    [InlineData("train --learning-rate -0.1", "--learning-rate -0.1: expected a number above 0, such as 0.001")]
    [InlineData("train --learning-rate inf", "--learning-rate inf: expected a number above 0, such as 0.001")]
    [InlineData("train --learning-rate Infinity", "--learning-rate Infinity: expected a number above 0, such as 0.001")]
    [InlineData("train --learning-rate 1e300", "--learning-rate 1e300: expected a number above 0, such as 0.001")]
    [InlineData("train --learning-rate abc", "--learning-rate abc: expected a number above 0, such as 0.001")]
    [InlineData("train --learning-rate 0,1", "--learning-rate 0,1: expected a number above 0, such as 0.001")]
    [InlineData("train --threads 0", "--threads 0: expected a whole number from 1 to 1024")]
    [InlineData("train --threads 5000", "--threads 5000: expected a whole number from 1 to 1024")]
    [InlineData("train --seed x", "--seed x: expected a whole number, such as 1")]
    [InlineData("train --seed 99999999999999999999", "--seed 99999999999999999999: expected a whole number from -9223372036854775808 to 9223372036854775807")]
    [InlineData("train --quick=yes", "--quick=yes: --quick takes no value")]
    [InlineData("train a b", "unexpected argument b: the form is lamina train [DATA]")]
    public void Names_what_was_typed_and_what_is_accepted(string line, string message)
    {
        var terminal = new Terminal();
        var jobs = new FakeJobs();

        Assert.Equal(2, terminal.Run(jobs, line.Split(' ')));

        Assert.Equal($"error: {message}{SeeTrain}", terminal.Error);
        Assert.Equal("", terminal.Output);
        Assert.Null(jobs.Options);
    }

    [Theory]
    [InlineData("tran", "unknown command tran; did you mean train?\n  the commands are train, predict, test, summary, profile, data, lr-find, batch-find, runs, compare, tasks, help, scores, recommend, similar, generate, translate\n  see lamina --help")]
    [InlineData("trian", "unknown command trian; did you mean train?\n  the commands are train, predict, test, summary, profile, data, lr-find, batch-find, runs, compare, tasks, help, scores, recommend, similar, generate, translate\n  see lamina --help")]
    [InlineData("frobnicate", "unknown command frobnicate\n  the commands are train, predict, test, summary, profile, data, lr-find, batch-find, runs, compare, tasks, help, scores, recommend, similar, generate, translate\n  see lamina --help")]
    [InlineData("--versoin", "unknown option --versoin; did you mean --version?\n  see lamina --help")]
    [InlineData("--epochs 3", "--epochs needs a command before it, such as lamina train --epochs\n  see lamina --help")]
    [InlineData("train --task image", "--task image: unknown task; did you mean images?\n  accepted: images, tables, text, forecast, anomalies, sound, series, recommend, sequences, fraud, writing, translate, drawing\n  see lamina train --help")]
    [InlineData("train --task sounds", "--task sounds: unknown task; did you mean sound?\n  accepted: images, tables, text, forecast, anomalies, sound, series, recommend, sequences, fraud, writing, translate, drawing\n  see lamina train --help")]
    [InlineData("train --optimizer adamm", "--optimizer adamm: unknown optimizer; did you mean adam?\n  accepted: adam, adamw, rmsprop, sgd\n  see lamina train --help")]
    [InlineData("predict", "RUN is missing: lamina predict RUN [FILE…]\n  see lamina predict --help")]
    [InlineData("predict run", "FILE is missing: lamina predict RUN FILE…, or --text TEXT, or --set COLUMN=VALUE\n  see lamina predict --help")]
    [InlineData("predict run a.png --top 0", "--top 0: expected a whole number from 1\n  see lamina predict --help")]
    [InlineData("predict run a.png --tpo 3", "unknown option --tpo; did you mean --top?\n  see lamina predict --help")]
    [InlineData("summary", "RUN is missing: lamina summary RUN\n  see lamina summary --help")]
    [InlineData("summary a b", "unexpected argument b: the form is lamina summary RUN\n  see lamina summary --help")]
    [InlineData("summary a --jsn", "unknown option --jsn; did you mean --json?\n  see lamina summary --help")]
    public void Suggests_the_nearest_name(string line, string message)
    {
        var terminal = new Terminal();
        Assert.Equal(2, terminal.Run(new FakeJobs(), line.Split(' ')));
        Assert.Equal($"error: {message}\n", terminal.Error);
    }

    [Theory]
    [InlineData("data.zip", "DATA (data.zip)")]
    [InlineData("--epochs 20", "--epochs")]
    [InlineData("--batch 8 --quick", "--batch, --quick")]
    [InlineData("--run elsewhere", "--run")]
    [InlineData("--seed 1", "--seed")]
    public void Refuses_to_change_a_run_that_is_resumed(string options, string named)
    {
        var terminal = new Terminal();
        var jobs = new FakeJobs();

        Assert.Equal(2, terminal.Run(jobs, ["train", "--resume", "runs/a", .. options.Split(' ')]));

        Assert.Equal(
            $"error: --resume continues a run with its own settings, so {named} can't be given with it\n"
            + "  leave it out (only --threads, --json and, if the run diverged, a lower --learning-rate may be given), or start a new run without --resume\n"
            + "  see lamina train --help\n", terminal.Error);
        Assert.Null(jobs.Resumed);
    }

    [Theory]
    [InlineData("train", "", "DATA")]
    [InlineData("summary", " ", "RUN")]
    public void Refuses_an_empty_name(string command, string value, string argument)
    {
        var terminal = new Terminal();
        Assert.Equal(2, terminal.Run(new FakeJobs(), command, value));
        Assert.StartsWith($"error: {argument} is given as an empty name\n", terminal.Error);
    }

    [Fact]
    public void Says_it_to_programs_too()
    {
        var terminal = new Terminal();
        Assert.Equal(2, terminal.Run(new FakeJobs(), "train", "--epochs", "0", "--json"));
        Assert.Equal("""{"event":"error","message":"--epochs 0: expected a whole number from 1\nsee lamina train --help"}""" + "\n", terminal.Output);
    }
}
