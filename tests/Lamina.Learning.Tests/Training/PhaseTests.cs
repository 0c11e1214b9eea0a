using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Probes;
using Lamina.Learning.Schedules;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Steps of several phases: a generator and a discriminator, each with its own loss and optimiser. What users of other frameworks reported: the
/// generator changed in the discriminator's turn for want of a detach, a graph that was gone for the second turn, an optimiser's state that wasn't saved.
/// </summary>
public sealed partial class PhaseTests : IDisposable
{
    private const int Noise = 3, Width = 4, Count = 40, Epochs = 3, Steps = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-phases-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private static Tensor Data(int count = Count) => Tensor.Create<float>([count, Width], x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i * i * 0.1f + i % Width); });

    private static DataLoader Loader(int count = Count, int size = 8) =>
        new(new TensorDataset(Tensors.Create([Data(count)]), Tensors.Create([]), null), BatchOptions.Training with { Size = size, Ahead = 1, Last = LastBatch.Keep });

    private static Batch Some => new(Tensors.Create([Data(8)]), Tensors.Create([]));

    // With everything that a step may trip over: batch norms, running vectors, dropout.
    private static AdversarialObjective Make(bool isPlain = false)
    {
        var generator = isPlain ? new Sequential(new Linear(6), new Tanh(), new Linear(Width))
            : new Sequential(new Linear(6), new BatchNorm(), new Relu(), new Linear(Width));
        var discriminator = isPlain ? new Sequential(new Linear(5), new Tanh(), new Linear(1))
            : new Sequential(new SpectralNorm(new Linear(5)), new LeakyRelu(0.2), new Dropout(0.2), new Linear(1));
        var objective = new AdversarialObjective(generator, discriminator, Noise);
        objective.Build(Specs.Create([new Spec(DType.Float32, [Width])]));
        objective.Model.Initialize(3);
        return objective;
    }

    private static MultiOptimizer Two(double discriminator = 0.02, double generator = 0.01) =>
        new(("discriminator.*", new Adam(discriminator, beta1: 0.5)), ("generator.*", new AdamW(generator, beta1: 0)));

    private static float[] Values(Module module) => [.. module.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];

    private static float[] Parameters(Module module) => [.. module.Parameters.SelectMany(v => v.Value.ToArray<float>())];

    [Theory]
    [InlineData(AdversarialLoss.NonSaturating)]
    [InlineData(AdversarialLoss.Hinge)]
    public void AStepIsTheLoopWrittenByHand(AdversarialLoss kind)
    {
        AdversarialObjective made = Make(isPlain: true), hand = Make(isPlain: true);
        var objective = new AdversarialObjective(made.Generator, made.Discriminator, Noise, kind);
        var step = new TrainStep(objective, new MultiOptimizer(("discriminator.*", new Sgd(0.1)), ("generator.*", new Sgd(0.05))), new StepOptions { Seed = 9 });
        (Network g, Network d) = (hand.Generator, hand.Discriminator);
        for (long i = 0; i < 4; i++)
        {
            StepResult result = step.Run(Some, i);
            Tensor noise = Tensor.RandomNormal([8, Noise], Tensor.From(9L, i), 0);
            Tensor D(Tensor x) => d.Forward(Tensors.Create([x]), Pass.Evaluation)[0];
            Tensor G() => g.Forward(Tensors.Create([noise]), Pass.Evaluation)[0];
            Tensor Log(Tensor logit) => logit.Sigmoid().Log();

            Tensor loss = kind == AdversarialLoss.Hinge ? (1 - D(Some.Input)).Maximum(0).Mean() + (1 + D(G())).Maximum(0).Mean()
                : -Log(D(Some.Input)).Mean() - Log(-D(G())).Mean();
            Assert.Equal(loss.Item(), result.Parts[0].Item(), 1e-5);
            foreach ((Variable v, Tensor gradient) in Gradient.Of(loss, d.Parameters)) v.Value = (v.Value - 0.1 * gradient).Keep();
            loss = kind == AdversarialLoss.Hinge ? -D(G()).Mean() : -Log(D(G())).Mean();
            Assert.Equal(loss.Item(), result.Parts[1].Item(), 1e-5);
            Assert.Equal(result.Loss.Item(), result.Parts[0].Item() + result.Parts[1].Item(), 1e-5);
            foreach ((Variable v, Tensor gradient) in Gradient.Of(loss, g.Parameters)) v.Value = (v.Value - 0.05 * gradient).Keep();
        }
        float[] expected = Values(hand.Model), found = Values(objective.Model);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 1e-5);
    }

    [Fact]
    public void EachPhaseChangesItsOwnParametersAlone()
    {
        AdversarialObjective both = Make(), first = Make(), second = Make();
        float[] discriminator = Parameters(first.Discriminator), generator = Parameters(first.Generator);
        new TrainStep(both, new MultiOptimizer(("discriminator.*", new Sgd(0.1)), ("generator.*", new Sgd(0.1)))).Run(Some, 0);
        new TrainStep(first, new MultiOptimizer(("discriminator.*", new Sgd(0.1)), ("generator.*", new Sgd(0)))).Run(Some, 0);
        Assert.Equal(generator, Parameters(first.Generator));
        // The discriminator's turn comes first, and doesn't see what the generator learns in this step.
        Assert.Equal(Parameters(both.Discriminator), Parameters(first.Discriminator));
        Assert.NotEqual(discriminator, Parameters(first.Discriminator));

        foreach (Parameter parameter in second.Discriminator.Parameters) parameter.IsFrozen = true;
        new TrainStep(second, new Sgd(0.1)).Run(Some, 0);
        foreach (ModuleVariable v in second.Discriminator.Variables.Select(v => (ModuleVariable)v.Variable)) if (v is Parameter p) p.IsFrozen = false;
        Assert.Equal(discriminator, Parameters(second.Discriminator));
        Assert.NotEqual(generator, Parameters(second.Generator));
    }

    // Nothing is computed for the other network's parameters: in the discriminator's turn two products for its two weights and one for what is between
    // them, of each of both batches; in the generator's two through the discriminator, two for its weights, one between them.
    [Fact]
    public void NoGradientIsTakenForTheOtherNetwork()
    {
        Graph graph = new TrainStep(Make(isPlain: true), Two()).Record(Some);
        int Products(Phase phase) => graph.Calls.Count(c => c.Op.Name == "matmul" && c.Origin.Phase == phase);
        Assert.Equal(2 + 2 * 3, Products(Phase.Forward));
        Assert.Equal(2 * 3 + 2 + 3, Products(Phase.Gradient));
    }

    [Fact]
    public void ADiscriminatorWithBatchNormSeesOneKindAtATime()
    {
        var discriminator = new Sequential(new Linear(5), new BatchNorm(), new LeakyRelu(0.2), new Linear(1));
        var objective = new AdversarialObjective(Make().Generator, discriminator, Noise);
        objective.Build(Specs.Create([new Spec(DType.Float32, [Width])]));
        objective.Model.InitializeUnset(1);
        ObjectiveResult result = objective.Compute(Some, Pass.Training(1, 1));
        Assert.Equal(discriminator.Forward(Some.Input, Pass.Training(5, 5)).ToArray<float>(), result.Predictions[1].ToArray<float>());
        // And in evaluation what is drawn of a noise doesn't depend on the others beside it.
        Tensor noise = Tensor.RandomNormal([6, Noise], Tensor.From(1L, 1L), 0);
        var generator = (Sequential)objective.Generator;
        Tensor all = generator.Forward(noise), one = generator.Forward(noise[2..3]);
        for (int i = 0; i < Width; i++) Assert.Equal(all.Element(2 * Width + i), one.Element(i), 1e-6);
    }

    [Fact]
    public void OneOptimizerForBothCountsTheStepsOfEach()
    {
        AdversarialObjective one = Make(), two = Make();
        Adam shared = new(0.02), first = new(0.02), second = new(0.02);
        var a = new TrainStep(one, shared);
        var b = new TrainStep(two, new MultiOptimizer(("discriminator.*", first), ("generator.*", second)));
        for (int i = 0; i < 5; i++)
        {
            a.Run(Some, i);
            b.Run(Some, i);
        }
        Assert.Equal(Values(two.Model), Values(one.Model));
        Assert.All(shared.Variables(one.Model).Where(v => v.Path.EndsWith("/step", StringComparison.Ordinal)), v => Assert.Equal(5, v.Variable.Value.Item()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AWarmStepAllocatesNothing(bool measures)
    {
        var step = new TrainStep(Make(), Two(), new StepOptions { MeasureNorm = measures, ClipNorm = 5, AverageDecay = 0.99 });
        Batch batch = Some;
        for (int i = 0; i < 3; i++) step.Run(batch, i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 3; i < 10; i++) step.Run(batch, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private (Trainer Trainer, AdversarialObjective Objective) MakeTrainer(TrainerOptions options, bool isShared = false)
    {
        AdversarialObjective objective = Make();
        return (new Trainer(objective, isShared ? new Adam(0.02) : Two(), options with { Epochs = Epochs, ClipNorm = 5, AverageDecay = 0.9, Seed = 6 }), objective);
    }

    // Every step is a moment to be stopped at; the second time with other numbers of threads.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GoesOnToTheSameBitsAfterAStopAnywhere(bool isShared)
    {
        int threads = CpuPool.Shared.Threads;
        try
        {
            CpuPool.SetThreads(1, beyondCores: true);
            (Trainer whole, AdversarialObjective straight) = MakeTrainer(new() { Schedule = new Cosine() }, isShared);
            var told = new List<EpochDone>();
            whole.Fit(Loader(), Loader(16), e => { if (e is EpochDone done) told.Add(done); });
            for (int at = 1; at < Epochs * Steps; at += at == 1 ? 1 : 3)
            {
                CpuPool.SetThreads(1 + at % 2, beyondCores: true);
                TrainerOptions options = new() { Folder = At($"{isShared}{at}"), Schedule = new Cosine() };
                var retold = new List<EpochDone>();
                using var stop = new CancellationTokenSource();
                Finished broken = MakeTrainer(options, isShared).Trainer.Fit(Loader(), Loader(16), e =>
                {
                    if (e is EpochDone done) retold.Add(done);
                    if (e is StepDone step && step.Step == at) stop.Cancel();
                }, stop.Token);
                Assert.Equal(FinishReason.Interrupted, broken.Reason);
                CpuPool.SetThreads(2 - at % 2, beyondCores: true);
                (Trainer rest, AdversarialObjective again) = MakeTrainer(options, isShared);
                Assert.True(rest.Resume(out IReadOnlyList<string> skipped));
                Assert.Empty(skipped);
                rest.Fit(Loader(), Loader(16), e => { if (e is EpochDone done) retold.Add(done); });
                Assert.Equal(Values(straight.Model), Values(again.Model));
                Assert.Equal(told.Select(Scored), retold.Select(Scored));
            }
        }
        finally
        {
            CpuPool.SetThreads(threads);
        }
    }

    private static string Scored(EpochDone e) => string.Join(' ', e.Training.Metrics.Concat(e.Validation!.Metrics).Select(m => $"{m.Key} {m.Value:R}"))
        + $" {e.Training.Loss:R} {e.Validation.Loss:R} {e.IsBest}";

    [Fact]
    public void CheckpointsHoldTheStateOfBothOptimizers()
    {
        (Trainer trainer, _) = MakeTrainer(new() { Folder = At("state") });
        trainer.Fit(Loader());
        string file = Directory.GetFiles(At("state"), "optimizer.safetensors", SearchOption.AllDirectories).Max()!;
        IReadOnlyDictionary<string, Tensor> saved = Lamina.Formats.SafeTensors.Read(file).Tensors;
        foreach (string path in (string[])["discriminator.3.weight/mean", "discriminator.3.weight/square", "generator.3.weight/mean", "generator.3.weight/square", "generator.0.weight/average"])
            Assert.Contains(saved[path].ToArray<float>(), x => x != 0);
        Assert.Equal((Epochs * Steps, Epochs * Steps), ((int)saved["discriminator.3.weight/step"].Item(), (int)saved["generator.3.weight/step"].Item()));
    }

    [Fact]
    public void EachPhasesLossIsTold()
    {
        (Trainer trainer, AdversarialObjective objective) = MakeTrainer(new());
        var steps = new List<StepDone>();
        var epochs = new List<EpochDone>();
        float[] last = [];
        Finished finished = trainer.Fit(Loader(), Loader(16), e =>
        {
            if (e is StepDone step) steps.Add(step);
            if (e is EpochDone done) epochs.Add(done);
        });
        Assert.Equal(["discriminator loss", "generator loss"], steps[0].Parts.Select(p => p.Key));
        Assert.All(steps, s => Assert.Equal(s.Loss, s.Parts.Sum(p => p.Value), 1e-5));
        EpochDone first = epochs[0];
        Assert.Equal(steps.Take(Steps).Average(s => s.Parts[1].Value), first.Training["generator loss"], 1e-6);
        Assert.Equal(first.Validation!.Loss, first.Validation["discriminator loss"] + first.Validation["generator loss"], 1e-5);
        // Less loss isn't a better generator: the last epoch's weights are kept, whatever the scores are.
        Assert.Equal(Epochs, finished.BestEpoch);
        Assert.All(epochs, e => Assert.True(e.IsBest));
        last = Values(objective.Model);
        Assert.NotEmpty(last);
    }

    [Fact]
    public void ProbesChangeNothingAndSeeBothNetworks()
    {
        AdversarialObjective plain = Make(), watched = Make();
        var a = new TrainStep(plain, Two());
        var b = new TrainStep(watched, Two());
        b.Watch([Probe.Norm(ProbeTarget.Update)]);
        for (int i = 0; i < 3; i++)
        {
            a.Run(Some, i);
            IReadOnlyList<ProbeValue> values = b.RunProbed(Some, i).Values;
            Assert.Contains(values, v => v.Path == "discriminator.3.weight" && v.Value > 0);
            Assert.Contains(values, v => v.Path == "generator.3.weight" && v.Value > 0);
        }
        Assert.Equal(Values(plain.Model), Values(watched.Model));
    }

    /// <summary>Two straight lines, each with its own loss; the second's is spoilt by an example that holds a 7.</summary>
    internal sealed partial class TwoLines : Objective
    {
        private readonly Sequential _first = new(new Linear(1)), _second = new(new Linear(1));

        private readonly bool _overlaps;

        internal sealed partial class Pair(Layer first, Layer second) : Module
        {
            public Layer First { get; } = first;
            public Layer Second { get; } = second;
        }

        public TwoLines(bool overlaps = false)
        {
            Model = new Pair(_first, _second);
            _overlaps = overlaps;
        }

        public override Module Model { get; }

        public override IReadOnlyList<TrainingPhase> Phases => [new("first", _first), new("second", _overlaps ? Model : _second)];

        public override void Build(Specs inputs)
        {
            _first.Build(inputs);
            _second.Build(inputs);
        }

        public override ObjectiveResult Compute(Batch batch, Pass pass) => Together(ComputePhases(batch, pass));

        public override IEnumerable<ObjectiveResult> ComputePhases(Batch batch, Pass pass)
        {
            Tensor x = batch.Input, first = _first.Forward(x, pass);
            yield return new((first * first).Mean(), Tensors.Create([first]));
            Tensor second = _second.Forward(x, pass) / (x[.., 0..1] - 7);
            yield return new((second * second).Mean(), Tensors.Create([second]));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ADivergenceNamesThePhase(bool saves)
    {
        float[] x = [.. Enumerable.Range(0, 20).Select(i => i == 12 ? 7f : 0.1f * i)];
        var loader = new DataLoader(new TensorDataset(Tensors.Create([Tensor.From(x, [20, 1])]), Tensors.Create([]), null), BatchOptions.Training with { Size = 1, Shuffle = false });
        var objective = new TwoLines();
        var e = Assert.Throws<DivergedException>(() => new Trainer(objective, new Sgd(0.01), new TrainerOptions { Epochs = 1, Folder = saves ? At("spoilt") : null }).Fit(loader));
        Assert.Equal(13, e.Step);
        Assert.StartsWith("the second's loss became infinite", e.Message, StringComparison.Ordinal);
        Assert.StartsWith("the second, ", e.Origin, StringComparison.Ordinal);
        Assert.Contains("divide", e.Origin, StringComparison.Ordinal);
        Assert.All(objective.Model.Variables, v => Assert.True(double.IsFinite(v.Variable.Value.Norm().Item())));
    }

    [Fact]
    public void ADiscriminatorThatIsGivenNaNIsNamed()
    {
        float[] x = Data().ToArray<float>();
        x[^1] = float.NaN;
        var loader = new DataLoader(new TensorDataset(Tensors.Create([Tensor.From(x, [Count, Width])]), Tensors.Create([]), null), BatchOptions.Training with { Size = 8, Shuffle = false });
        var e = Assert.Throws<DivergedException>(() => new Trainer(Make(), Two(), new TrainerOptions { Epochs = 1 }).Fit(loader));
        Assert.StartsWith("the discriminator's loss became NaN", e.Message, StringComparison.Ordinal);
        Assert.StartsWith("the discriminator, ", e.Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void ALastBatchThatIsTooSmallForTheGeneratorIsLeftOut()
    {
        var told = new List<TrainingEvent>();
        new Trainer(Make(), Two(), new TrainerOptions { Epochs = 2 }).Fit(Loader(17), null, told.Add);
        Assert.Contains(told.OfType<Noted>(), n => n.Message.Contains("1 example, too few for", StringComparison.Ordinal));
        Assert.Equal(4, told.OfType<StepDone>().Count());
    }

    [Fact]
    public void FindersLeaveBothNetworksAsTheyWere()
    {
        AdversarialObjective objective = Make();
        float[] before = Values(objective.Model);
        LearningRateFinder.Run(objective, new Adam(0.01), Loader(), new LearningRateFinderOptions { Steps = 20 });
        Assert.Equal(before, Values(objective.Model));
    }

    [Fact]
    public void WhatPhasesCannotDoIsRefused()
    {
        Assert.Contains("AccumulateBatches",
            Assert.Throws<TensorException>(() => new Trainer(Make(), Two(), new TrainerOptions { Epochs = 1, AccumulateBatches = 2 }).Fit(Loader())).Message, StringComparison.Ordinal);
        var batch = new Batch(Tensor.Ones([4, 1]), Tensor.Ones([4, 1]));
        Assert.Contains("the first and the second", Assert.Throws<ArgumentException>(() => new TrainStep(new TwoLines(overlaps: true), new Sgd()).Run(batch, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Trainer(Make(), Two(), new TrainerOptions { Monitor = "accuracy" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdversarialObjective(Make().Generator, Make().Discriminator, 0));
        Assert.Throws<TensorException>(() => new TrainStep(Make(), Two()).Run(new Batch(Tensors.Create([Data(8)]), Tensors.Create([]), Tensor.Ones([8])), 0));
    }

    // A ring of eight clusters, the example at which a generator that loses modes is seen.
    [Fact]
    public void DrawsEveryClusterOfAMixture()
    {
        const int Clusters = 8, Examples = 2048;
        var random = new RandomStream(4);
        Tensor data = Tensor.Create<float>([Examples, 2], x =>
        {
            for (int i = 0; i < Examples; i++)
            {
                double angle = 2 * Math.PI * (i % Clusters) / Clusters;
                (x[2 * i], x[2 * i + 1]) = ((float)(2 * Math.Cos(angle) + 0.1 * random.NextNormal()), (float)(2 * Math.Sin(angle) + 0.1 * random.NextNormal()));
            }
        });
        Layer[] Hidden(Func<Layer> gate) => [new Linear(64), gate(), new Linear(64), gate()];
        var generator = new Sequential([.. Hidden(() => new Relu()), new Linear(2)]);
        var discriminator = new Sequential([.. Hidden(() => new LeakyRelu(0.2)), new Linear(1)]);
        var objective = new AdversarialObjective(generator, discriminator, 8);
        new Trainer(objective, new MultiOptimizer(("discriminator.*", new Adam(1e-3, beta1: 0.5)), ("generator.*", new Adam(1e-3, beta1: 0.5))),
            new TrainerOptions { Epochs = 120, Seed = 1, AverageDecay = 0.99 })
            .Fit(new DataLoader(new TensorDataset(Tensors.Create([data]), Tensors.Create([]), null), BatchOptions.Training with { Size = 128, Seed = 1 }));
        float[] drawn = generator.Forward(Tensor.RandomNormal([1000, 8], Tensor.From(1L, 1L), 0)).ToArray<float>();
        var near = new int[Clusters];
        for (int i = 0; i < 1000; i++)
        {
            double x = drawn[2 * i], y = drawn[2 * i + 1];
            int cluster = (int)Math.Round(Math.Atan2(y, x) / (2 * Math.PI) * Clusters + Clusters) % Clusters;
            double angle = 2 * Math.PI * cluster / Clusters;
            if (Math.Sqrt(Math.Pow(x - 2 * Math.Cos(angle), 2) + Math.Pow(y - 2 * Math.Sin(angle), 2)) < 0.5) near[cluster]++;
        }
        Assert.All(near, n => Assert.True(n > 30, $"draws near each cluster: {string.Join(", ", near)}"));
        Assert.True(near.Sum() > 700, $"{near.Sum()} of 1,000 draws are near a cluster");
    }
}
