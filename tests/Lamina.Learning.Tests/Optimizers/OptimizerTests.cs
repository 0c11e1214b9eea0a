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

    public static TheoryData<Func<Optimizer>> All =>
    [
        () => new Sgd(0.1, momentum: 0.9), () => new Adam(0.01), () => new AdamW(0.01, amsgrad: true), () => new RmsProp(0.01, momentum: 0.5, centered: true),
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void StateSavedAndRestoredGoesOnToTheSameBits(Func<Optimizer> make)
    {
        Sequential through = Network(), first = Network(), second = Network();
        Optimizer a = make(), b = make(), c = make();
        Train(through, a, 6);
        Train(first, b, 3);
        foreach (NamedVariable v in first.Variables) second.Variables.Single(o => o.Path == v.Path).Variable.Value = v.Variable.Value;
        Dictionary<string, Tensor> saved = b.Variables(first).ToDictionary(v => v.Path, v => v.Variable.Value.Keep());
        c.Restore(second, saved);
        Train(second, c, 3);
        Assert.Equal(Values(through), Values(second));

        saved.Remove("0.weight/step");
        Assert.Contains("'0.weight/step'", Assert.Throws<TensorException>(() => make().Restore(second, saved)).Message);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void PlansGiveTheSameBits(Func<Optimizer> make)
    {
        Sequential eager = Network(), planned = Network();
        Train(eager, make(), 5);
        Optimizer optimizer = make();
        optimizer.Prepare(planned.Parameters);
        var plan = new Plan(x =>
        {
            Tensor loss = new MeanSquaredError().Compute(planned.Forward(x[0], Pass.Training(1, 0)), x[1]);
            optimizer.Update(Gradient.Of(loss, planned.Parameters), x[2]);
            return loss;
        });
        for (int i = 0; i < 5; i++) plan.Run(s_x, s_y, Tensor.Of((float)optimizer.LearningRate));
        Assert.Equal(Values(eager), Values(planned));
    }

    [Fact]
    public void StateIsNamedByThePathsOfParameters()
    {
        var network = new Sequential(new Linear(3, 2));
        Assert.Equal(["0.weight/step", "0.weight/mean", "0.weight/square", "0.bias/step", "0.bias/mean", "0.bias/square"], new Adam().Variables(network).Select(v => v.Path));
        Assert.Equal(["0.weight/step", "0.weight/momentum", "0.bias/step", "0.bias/momentum"], new Sgd(momentum: 0.5).Variables(network).Select(v => v.Path));
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
        for (int i = 0; i < steps; i++)
        {
            Tensor loss = new MeanSquaredError().Compute(network.Forward(s_x, Pass.Training(1, i)), s_y);
            optimizer.Update(Gradient.Of(loss, network.Parameters));
        }
    }

    private static float[] Values(Module network) => [.. network.Variables.SelectMany(v => v.Variable.Value.ToArray<float>())];
}
