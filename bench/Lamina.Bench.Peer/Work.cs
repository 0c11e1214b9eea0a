using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lamina.Bench.Peer;

/// <summary>A workload that is ready to run.</summary>
abstract class Work : IDisposable
{
    /// <summary>The learning rate of the steps that follow.</summary>
    public virtual double LearningRate { set { } }

    /// <summary>Whether images are in it, whose layout can be chosen.</summary>
    public virtual bool HasLayouts => false;

    /// <summary>One step, and nothing else.</summary>
    public abstract void Step();

    /// <summary>One step at a learning rate; gives its loss, or a sum over its results.</summary>
    public abstract double Check(double learningRate);

    public virtual void Dispose() { }
}

/// <summary>A training step: forward, loss, gradients, update.</summary>
sealed class Training(Given given, Func<Tensor> loss, Func<IEnumerable<Parameter>, optim.Optimizer> optimizer) : Work
{
    readonly optim.Optimizer optimizer = optimizer(given.Parameters.parameters().Where(p => p.requires_grad));

    public override bool HasLayouts => given.HasImages;

    public override double LearningRate
    {
        set
        {
            foreach (optim.ILearningRateController group in optimizer.ParamGroups) group.LearningRate = value;
        }
    }

    public override void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        Run();
    }

    public override double Check(double learningRate)
    {
        LearningRate = learningRate;
        using DisposeScope scope = NewDisposeScope();
        return Run().item<float>();
    }

    Tensor Run()
    {
        given.Parameters.zero_grad(set_to_none: true);
        Tensor result = loss();
        result.backward();
        optimizer.step();
        return result;
    }

    public override void Dispose()
    {
        optimizer.Dispose();
        given.Dispose();
    }
}

/// <summary>A forward pass or a kernel: no gradients.</summary>
sealed class Inference(Given given, Func<Tensor> compute) : Work
{
    public override bool HasLayouts => given.HasImages;

    public override void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = inference_mode();
        compute();
    }

    /// <summary>The mean square of the results: it notices a wrong network and a wrong order of values hardly cancels in it.</summary>
    public override double Check(double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = inference_mode();
        return compute().to(float64).square().mean().item<double>();
    }

    public override void Dispose() => given.Dispose();
}

/// <summary>An update in place.</summary>
sealed class Update(Given given, Action step, Func<double> check) : Work
{
    public override void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = no_grad();
        step();
    }

    public override double Check(double learningRate)
    {
        Step();
        return check();
    }

    public override void Dispose() => given.Dispose();
}
