using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using AnnealStrategy = TorchSharp.torch.optim.lr_scheduler.impl.OneCycleLR.AnnealStrategy;

namespace Lamina.Recorder;

/// <summary>
/// Learning-rate schedules: TorchSharp's rates where they agree with PyTorch's documentation, the documentation's where they don't.
/// </summary>
static class Schedules
{
    const double Agreement = 1e-12;

    public static void Record(Recorder recorder)
    {
        Step(File("step"));
        Cosine(File("cosine"));
        Linear(File("linear_warmup"));
        WarmupThenCosine(File("warmup_cosine"));
        OneCycle(File("one_cycle"));
        Plateau(File("reduce_on_plateau"));

        RecordedFile File(string name) => recorder.Add("schedules", new RecordedFile("schedule", name) { Source = "each case says" });
    }

    static void Step(RecordedFile file)
    {
        Add("basic", 0.1, 15, 0.5);
        Add("every_step", 0.5, 1, 0.9);

        void Add(string name, double learningRate, int stepSize, double gamma) =>
            Run(file, name, new { learningRate, stepSize, gamma }, 60, learningRate,
                o => lr_scheduler.StepLR(o, stepSize, gamma),
                t => DocumentedSchedules.Step(t, learningRate, stepSize, gamma));
    }

    static void Cosine(RecordedFile file)
    {
        Add("basic", 60, 0.1, 59, 0);
        Add("with_a_minimum", 51, 0.5, 50, 0.01);
        Add("beyond_the_period", 70, 0.1, 30, 0.001);

        void Add(string name, int count, double learningRate, int period, double minimum) =>
            Run(file, name, new { learningRate, period, minimum }, count, learningRate,
                o => lr_scheduler.CosineAnnealingLR(o, period, minimum),
                t => DocumentedSchedules.Cosine(t, learningRate, period, minimum));
    }

    static void Linear(RecordedFile file)
    {
        Add("basic", 0.1, 1 / 3.0, 1, 5);
        Add("from_a_thousandth", 0.4, 0.001, 1, 40);
        Add("downwards", 0.1, 1, 0.25, 30);

        void Add(string name, double learningRate, double startFactor, double endFactor, int steps) =>
            Run(file, name, new { learningRate, startFactor, endFactor, steps }, 50, learningRate,
                o => lr_scheduler.LinearLR(o, startFactor, endFactor, steps),
                t => DocumentedSchedules.Linear(t, learningRate, startFactor, endFactor, steps));
    }

    static void WarmupThenCosine(RecordedFile file)
    {
        Add("basic", 0.1, 0.01, 10, 60, 0);
        Add("with_a_minimum", 0.5, 0.1, 5, 50, 0.02);

        void Add(string name, double learningRate, double startFactor, int warmup, int steps, double minimum) =>
            Run(file, name, new { learningRate, startFactor, warmup, steps, minimum }, steps, learningRate,
                o => lr_scheduler.SequentialLR(o,
                    [lr_scheduler.LinearLR(o, startFactor, 1, warmup), lr_scheduler.CosineAnnealingLR(o, steps - warmup, minimum)], [warmup]),
                t => DocumentedSchedules.Sequential(t, warmup,
                    s => DocumentedSchedules.Linear(s, learningRate, startFactor, 1, warmup),
                    s => DocumentedSchedules.Cosine(s, learningRate, steps - warmup, minimum)));
    }

    static void OneCycle(RecordedFile file)
    {
        Add("basic", 0.1, 60);
        Add("linear", 1, 50, upShare: 0.4, divFactor: 10, finalDivFactor: 100, cosine: false);
        Add("three_phases", 0.5, 61, upShare: 0.25, threePhases: true);

        void Add(string name, double maximum, int totalSteps, double upShare = 0.3, double divFactor = 25, double finalDivFactor = 1e4, bool cosine = true, bool threePhases = false) =>
            Run(file, name, new { maximum, totalSteps, upShare, divFactor, finalDivFactor, cosine, threePhases }, totalSteps, maximum,
                o => lr_scheduler.OneCycleLR(o, maximum, totalSteps, pct_start: upShare,
                    anneal_strategy: cosine ? AnnealStrategy.Cos : AnnealStrategy.Linear, cycle_momentum: false,
                    div_factor: divFactor, final_div_factor: finalDivFactor, three_phase: threePhases),
                t => DocumentedSchedules.OneCycle(t, maximum, totalSteps, upShare, divFactor, finalDivFactor, cosine, threePhases));
    }

    static void Plateau(RecordedFile file)
    {
        const double leastChange = 1e-8;           // torch's "eps"
        double[] descent = [.. Enumerable.Range(0, 60).Select(i => Math.Max(0.5, 2.0 / (1 + 0.25 * i)) + (i % 3 == 0 ? 0.03125 : 0))];
        Add("basic", 0.1, 0.5, patience: 3);
        Add("with_cooldown", 0.1, 0.1, patience: 2, cooldown: 4, minimum: 1e-3);
        Add("absolute_threshold", 0.2, 0.5, patience: 1, threshold: 0.05, relative: false);

        void Add(string name, double learningRate, double factor, int patience, double threshold = 1e-4, bool relative = true, int cooldown = 0, double minimum = 0)
        {
            double[] documented = DocumentedSchedules.Plateau(descent, learningRate, factor, patience, threshold, relative, cooldown, minimum, leastChange);
            var options = new { learningRate, factor, patience, threshold, relative, cooldown, minimum, leastChange, losses = descent };
            AddCase(file, name, options, documented, Rates(documented.Length, learningRate,
                o => lr_scheduler.ReduceLROnPlateau(o, "min", factor, patience, threshold, relative ? "rel" : "abs", cooldown, [minimum], leastChange),
                (scheduler, t) => scheduler.step(descent[t])));
        }
    }

    static void Run(
        RecordedFile file, string name, object options, int count, double learningRate,
        Func<Optimizer, lr_scheduler.LRScheduler> create, Func<int, double> documented) =>
        AddCase(file, name, options, [.. Enumerable.Range(0, count).Select(documented)],
            Rates(count, learningRate, create, (scheduler, _) => scheduler.step()));

    /// <summary>TorchSharp's rate at each step, from the first.</summary>
    static double[] Rates(
        int count, double learningRate, Func<Optimizer, lr_scheduler.LRScheduler> create, Action<lr_scheduler.LRScheduler, int> advance)
    {
        using Optimizer optimizer = SGD([nn.Parameter(zeros(1))], learningRate);
        lr_scheduler.LRScheduler scheduler = create(optimizer);
        var rates = new double[count];
        for (int t = 0; t < count; t++)
        {
            rates[t] = optimizer.ParamGroups.Single().LearningRate;
            if (t < count - 1) advance(scheduler, t);
        }
        return rates;
    }

    static void AddCase(RecordedFile file, string name, object options, double[] documented, double[] torchSharp)
    {
        int differs = Enumerable.Range(0, documented.Length).FirstOrDefault(t => !(Math.Abs(documented[t] - torchSharp[t]) <= Agreement), -1);
        bool agree = differs < 0;
        string version = $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(3)}";
        file.AddCase(new
        {
            name,
            source = agree ? version : $"PyTorch's documented formula ({version} differs from step {differs})",
            options,
            learningRates = agree ? torchSharp : documented,
        });
        if (!agree)
            Console.WriteLine($"{name}: {version} has {torchSharp[differs]:R} at step {differs}, PyTorch's documentation {documented[differs]:R}");
    }
}
