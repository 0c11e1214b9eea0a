using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Optimizers;

public class OptimizerTests
{
    private static readonly Tensor s_x = Tensor.Create<float>((8, 3), x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); });
    private static readonly Tensor s_y = Tensor.Create<float>((8, 2), x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Cos(i); });

    public static TheoryData<string> All => ["sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta", "nadam", "radam",
        "lion", "lamb", "adafactor", "muon"];

    private static Optimizer Make(string name, IReadOnlyList<ParameterGroup>? groups = null) => name switch
    {
        "sgd" => new Sgd(0.1, momentum: 0.9) { Groups = groups ?? [] },
        "adam" => new Adam(0.01) { Groups = groups ?? [] },
        "adamw" => new AdamW(0.01, amsgrad: true) { Groups = groups ?? [] },
        "adagrad" => new Adagrad(0.05, rateDecay: 0.1, weightDecay: 0.01) { Groups = groups ?? [] },
        "adadelta" => new Adadelta() { Groups = groups ?? [] },
        "nadam" => new NAdam(0.01) { Groups = groups ?? [] },
        "radam" => new RAdam(0.01) { Groups = groups ?? [] },
        "lion" => new Lion(0.001, weightDecay: 0.1) { Groups = groups ?? [] },
        "lamb" => new Lamb(0.01) { Groups = groups ?? [] },
        "adafactor" => new Adafactor(weightDecay: 0.1) { Groups = groups ?? [] },
        "muon" => new Muon(0.01) { Groups = groups ?? [], ByAdamW = ["3.*"] },
        _ => new RmsProp(0.01, momentum: 0.5, centered: true) { Groups = groups ?? [] },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void StateSavedAndRestoredGoesOnToTheSameBits(string name)
    {
        Sequential through = Network(), first = Network(), second = Network();
        Optimizer a = Make(name), b = Make(name), c = Make(name);
        Train(through, a, 6);
        Train(first, b, 3);
        foreach (NamedVariable v in first.Variables) second.Variables.Single(o => o.Path == v.Path).Variable.Value = v.Variable.Value;
        Dictionary<string, Tensor> saved = b.Variables(first).ToDictionary(v => v.Path, v => v.Variable.Value.Keep());
        c.Restore(second, saved);
        Train(second, c, 3);
        Assert.Equal(Values(through), Values(second));

        saved.Remove("0.weight/step");
        Assert.Contains("'0.weight/step'", Assert.Throws<TensorException>(() => Make(name).Restore(second, saved)).Message);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void PlansGiveTheSameBits(string name)
    {
        Sequential eager = Network(), planned = Network();
        Optimizer optimizer = Make(name), other = Make(name);
        optimizer.Prepare(planned);
        var plan = new Plan(x =>
        {
            Tensor loss = new MeanSquaredError().Compute(planned.Forward(x[0], Pass.Training(1, 0)), x[1]);
            optimizer.Update(Gradient.Of(loss, planned.Parameters), x[2]);
            return loss;
        });
        for (int i = 0; i < 5; i++)
        {
            plan.Run(s_x, s_y, Tensor.Of((float)optimizer.LearningRate));
            Train(eager, other, 1);
            foreach ((NamedVariable a, NamedVariable b) in eager.Variables.Concat(other.Variables(eager)).Zip(planned.Variables.Concat(optimizer.Variables(planned))))
                Assert.True(a.Variable.Value.ReadBytes().SequenceEqual(b.Variable.Value.ReadBytes()), $"step {i}, {a.Path}: {a.Variable.Value} by calls, {b.Variable.Value} by the plan");
        }
    }

    [Fact]
    public void StateIsNamedByThePathsOfParameters()
    {
        var network = new Sequential(new Linear(3, 2));
        Assert.Equal(["0.weight/step", "0.weight/mean", "0.weight/square", "0.bias/step", "0.bias/mean", "0.bias/square"], new Adam().Variables(network).Select(v => v.Path));
        Assert.Equal(["0.weight/step", "0.weight/momentum", "0.bias/step", "0.bias/momentum"], new Sgd(momentum: 0.5).Variables(network).Select(v => v.Path));
    }

    [Fact]
    public void StateNeedNotHaveTheShapeOfItsParameter()
    {
        var network = new Sequential(new Linear(3, 2));
        Assert.Equal(["0.weight/step", "0.weight/rows", "0.weight/columns", "0.bias/step", "0.bias/square"],
            new Adafactor().Variables(network).Select(v => v.Path));
        Assert.Equal([new Shape(3, 1), new Shape(1, 2)], new Adafactor().Variables(network).Skip(1).Take(2).Select(v => v.Variable.Spec.Shape));
        Assert.Equal(["0.weight/step", "0.weight/momentum", "0.bias/step", "0.bias/mean", "0.bias/square"],
            new Muon().Variables(network).Select(v => v.Path));
        Assert.Equal(["0.weight/step", "0.weight/mean", "0.weight/square", "0.bias/step", "0.bias/mean", "0.bias/square"],
            new Muon { ByAdamW = ["*.weight"] }.Variables(network).Select(v => v.Path));
        // Paths are known from the module alone.
        var named = new Muon { ByAdamW = ["a"] };
        Assert.Contains("Prepare with the module", Assert.Throws<InvalidOperationException>(() => named.Prepare(network.Parameters)).Message);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AReplayAllocatesNothing(string name)
    {
        Sequential network = Network();
        Optimizer optimizer = Make(name);
        optimizer.Prepare(network);
        var plan = new Plan(x =>
        {
            Tensor loss = new MeanSquaredError().Compute(network.Forward(x[0], Pass.Training(1, 0)), x[1]);
            optimizer.Update(Gradient.Of(loss, network.Parameters), x[2]);
            return loss;
        });
        Tensor[] inputs = [s_x, s_y, Tensor.Of(0.01f)];
        for (int i = 0; i < 50; i++) plan.Run(inputs.AsSpan());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) plan.Run(inputs.AsSpan());
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // A rate of 0 for the first layer leaves it alone, and it alone.
    [Theory]
    [MemberData(nameof(All))]
    public void GroupsHoldForEachOptimizer(string name)
    {
        Sequential network = Network();
        Optimizer grouped = Make(name, [new ParameterGroup("0.*") { RateFactor = 0 }]);
        Dictionary<string, float[]> start = network.Variables.ToDictionary(v => v.Path, v => v.Variable.Value.ToArray<float>());
        grouped.Prepare(network);
        Train(network, grouped, 2);
        foreach ((string path, Variable variable) in network.Variables.Where(v => v.Variable is Parameter))
            Assert.Equal(path.StartsWith("0.", StringComparison.Ordinal), start[path].AsSpan().SequenceEqual(variable.Value.ToArray<float>()));
    }

    [Fact]
    public void AParameterThatJoinsLaterCountsItsOwnSteps()
    {
        Variable early = new(Tensor.Ones([1])), late = new(Tensor.Ones([1]));
        var adam = new Adam(0.1);
        Tensor one = Tensor.Ones([1]);
        for (int i = 0; i < 50; i++) adam.Update(new GradientSet([new(early, one)]));
        adam.Update(new GradientSet([new(early, one), new(late, one)]));
        Assert.Equal(0.9, late.Value.Item(), 1e-6); // a first step is as long as the rate, whatever the gradient
    }

    [Fact]
    public void BadOptionsAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(momentum: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sgd(nesterov: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adam(beta2: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW(epsilon: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adagrad(initial: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adadelta(rho: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NAdam(momentumDecay: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RAdam(beta1: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lion(weightDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lamb(beta2: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adafactor(decayExponent: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Adafactor(clip: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Muon(momentum: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clip.ByGlobalNorm(new GradientSet([]), 0));
        Assert.Throws<TensorException>(() => new Adam().Update(new GradientSet([]), Tensor.Of(0.1)));
    }

    private static Sequential Network()
    {
        var network = new Sequential(new Linear(3, 4), new BatchNorm(), new Tanh(), new Linear(4, 2));
        network.Forward(s_x);
        network.Initialize(7);
        return network;
    }

    private static void Train(Sequential network, Optimizer optimizer, int steps)
    {
        optimizer.Prepare(network);
        for (int i = 0; i < steps; i++)
        {
            Tensor loss = new MeanSquaredError().Compute(network.Forward(s_x, Pass.Training(1, i)), s_y);
            optimizer.Update(Gradient.Of(loss, network.Parameters));
        }
    }

    private static float[] Values(Module network) => [.. network.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];
}
