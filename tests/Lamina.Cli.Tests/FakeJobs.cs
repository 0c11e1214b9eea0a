using Lamina.Tensors.Shapes;
using Lamina.Cli.Commands;
using Lamina.Learning.Modules;
using Lamina.Learning.Training;
using Lamina.Tasks;
using Lamina.Tasks.Spine;
using Lamina.Tensors;

namespace Lamina.Cli.Tests;

/// <summary>Jobs that only tell what real ones would.</summary>
internal sealed class FakeJobs
{
    public const string Run = "runs/20260101-120000-digits";

    public const string Model = Run + "/model.safetensors";

    /// <summary>What was asked for last.</summary>
    public TaskRequest? Options { get; private set; }

    public LearningTask? Task { get; private set; }

    public string? Resumed { get; private set; }

    public double? LowerRate { get; private set; }

    public int? Threads { get; private set; }

    public (string Run, IReadOnlyList<string> Files, int Top)? Asked { get; private set; }

    /// <summary>The values that were asked about in place of files.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Given { get; private set; } = [];

    public string? Profiled { get; private set; }

    public int? ProfiledBatch { get; private set; }

    /// <summary>Thrown in place of a result.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Called after each step.</summary>
    public Action AfterStep { get; init; } = () => { };

    public int Epochs { get; init; } = 2;

    public int Steps { get; init; } = 10;

    public IReadOnlyList<Prediction> Predictions { get; init; } =
        [new("seven.png", [new("7", 0.9912), new("1", 0.0063), new("9", 0.0025)], null)];

    public Jobs Jobs => new()
    {
        Train = (task, request, context) =>
        {
            (Task, Options) = (task, request);
            return Train(context.Tell, context.Cancel);
        },
        Resume = (run, context, learningRate) =>
        {
            (Resumed, LowerRate) = (run, learningRate);
            return Train(context.Tell, context.Cancel);
        },
        Predict = (run, input, top, _) =>
        {
            Asked = (run, input.Files, top);
            Given = input.Values;
            return Failure is null ? new PredictionList(input.Files.Count + input.Values.Count, "image", Predictions) : throw Failure;
        },
        Test = (_, _, context) =>
        {
            if (Failure is not null) throw Failure;
            context.Tell(new Tested(Report));
            return Report;
        },
        Summarize = _ => Failure is null ? Network : throw Failure,
        Profile = (run, context, batch) =>
        {
            (Profiled, ProfiledBatch) = (run, batch);
            context.Cancel.ThrowIfCancellationRequested();
            return Failure is null ? Profile with { Batch = batch ?? 64 } : throw Failure;
        },
        Do = (_, _, _, _, _) => Failure is null ? [] : throw Failure,
        SetThreads = threads => Threads = threads,
    };

    public static DataReady Data { get; } = new("built-in digits", 20_000, 2_000, 4_000, new ClassOutput([.. Enumerable.Range(0, 10).Select(i => $"{i}")]), "28×28 grey", []);

    /// <summary>A step of 10 ms with a convolution, a linear layer and an update outside of modules.</summary>
    public static RunProfile Profile { get; } = new("ConvNet", 64, new StepProfile(
        [
            new("stages[0].convolution", "conv2d", Phase.Forward, 2000, 500_000_000, "conv2d …"),
            new("head", "matmul", Phase.Forward, 1000, 10_000_000, "matmul …"),
            new("head", "matmul", Phase.Gradient, 2000, 20_000_000, "matmul …"),
            new("stages[0].convolution", "conv2d_gradients", Phase.Gradient, 4000, 1_000_000_000, "conv2d_gradients …"),
            new("stages[0].convolution", "mul", Phase.Update, 500, 0, "mul …"),
            new("", "add", Phase.Update, 500, 0, "add …"),
        ], new StepMemory(1024, 2048, 4 << 20, 512), 1e12));

    private static Specs F(Shape shape) => new Spec(DType.Float32, shape);

    public static NetworkReady Network { get; } = new("ConvNet", new Summary(
        [
            new("", 0, "ConvNet(16, 32 → 10)", F([1, 28, 28, 1]), F([1, 10]), 20_522, 1_130_000, false),
            new("stages[0]", 1, "Sequential(Conv2d, Relu)", F([1, 28, 28, 1]), F([1, 14, 14, 16]), 160, 112_896, false),
            new("stages[0].layers[0]", 2, "Conv2d(1 → 16, 3×3, padding 1)", F([1, 28, 28, 1]), F([1, 28, 28, 16]), 160, 112_896, true),
            new("stages[0].layers[1]", 2, "MaxPool2d(2)", F([1, 28, 28, 16]), F([1, 14, 14, 16]), 0, 0, true),
            new("flatten", 1, "Flatten", F([1, 14, 14, 16]), F([1, 3136]), 0, 0, true),
            new("head", 1, "Linear(3136 → 10)", F([1, 3136]), F([1, 10]), 31_370, 31_360, true),
        ], 31_530, 126_120, 75_304, 144_256));

    public static Scores Scores(double loss, double accuracy) => new(loss, new Dictionary<string, double> { ["accuracy"] = accuracy });

    public static TestReport Report { get; } = new(Figures.OfClasses(0.9785, 0.0712), 4_000, [new("4", "9", 12, [Ring(28, 28), Ring(28, 28)]), new("7", "1", 1, [])]);

    /// <summary>Two classes, one of them rare.</summary>
    public static TestReport Imbalanced { get; } = new(
        new Figures(
            ("accuracy", new Figure(0.9, FigureKind.Share, new(0.8, 0.95))), ("f1", new Figure(0.75, FigureKind.Score, new(0.7, 0.8))), ("auc", new Figure(0.9375, FigureKind.Score, new(0.9, 0.96))),
            ("prAuc", new Figure(0.8, FigureKind.Score)), ("precision", new Figure(0.6, FigureKind.Share)), ("recall", new Figure(1, FigureKind.Share)), ("loss", new Figure(0.25, FigureKind.Error))),
        1_000, [])
    {
        PositiveClass = "spam",
        Classes = [new("ham", 850, 1, 0.875, 0.9333), new("spam", 150, 0.6, 1, 0.75)],
        Calibration = new([], 0.03125),
        Baseline = new("always the most frequent class", new Figures(
            ("accuracy", new Figure(0.85, FigureKind.Share)), ("f1", new Figure(0, FigureKind.Score)), ("auc", new Figure(double.NaN, FigureKind.Score)), ("loss", new Figure(0.5, FigureKind.Error)))),
    };

    /// <summary>An image of a bright ring.</summary>
    public static ImageSample Ring(int height, int width)
    {
        var pixels = new byte[height * width];
        for (int i = 0; i < pixels.Length; i++)
        {
            double y = (((i / width) + 0.5) / height) - 0.5, x = (((i % width) + 0.5) / width) - 0.5;
            pixels[i] = Math.Abs(Math.Sqrt((x * x) + (y * y)) - 0.35) < 0.08 ? (byte)255 : (byte)0;
        }
        return new ImageSample(pixels, height, width, 1);
    }

    private TaskResult Train(Action<TaskEvent> tell, CancellationToken cancel)
    {
        tell(new Preparing("drawing digits", 13_000, 26_000));
        tell(Data);
        tell(Network);
        if (Failure is not null) throw Failure;
        void Tell(TrainingEvent e) => tell(new TrainingProgress(e));
        Tell(new Started(Epochs, Steps, 64, 0, 31_530));
        long step = 0;
        for (int epoch = 1; epoch <= Epochs; epoch++)
        {
            for (int i = 1; i <= Steps; i++)
            {
                Tell(new StepDone(++step, epoch, i, 2.3 / step, 0.003, 1.5, 64));
                AfterStep();
                if (cancel.IsCancellationRequested)
                {
                    Tell(new CheckpointSaved(step, $"{Run}/checkpoints/{step}"));
                    Tell(new Finished(FinishReason.Interrupted, epoch - 1, step, 0, 1));
                    return new TaskResult("images", epoch - 1, 1, null, Run, null, WasInterrupted: true) { Step = step };
                }
            }
            Tell(new EpochDone(epoch, step, Scores(0.5 / epoch, 1 - (0.2 / epoch)), Scores(0.4 / epoch, 1 - (0.1 / epoch)), IsBest: epoch == 1, 4.25));
            Tell(new CheckpointSaved(step, $"{Run}/checkpoints/{step}"));
        }
        Tell(new Finished(FinishReason.Completed, Epochs, step, 1, 8.5));
        tell(new Tested(Report));
        return new TaskResult("images", Epochs, 8.5, Report, Run, Model, WasInterrupted: false);
    }
}
