using Lamina.Bench.Protocol;
using Lamina.Learning.Modules;

namespace Lamina.Bench.Workloads;

/// <summary>What kind of work a row times.</summary>
public enum WorkloadKind
{
    /// <summary>A whole training step: forward, loss, gradients, update.</summary>
    Train,
    /// <summary>A whole forward pass.</summary>
    Inference,
    /// <summary>One op, or a chain of them.</summary>
    Kernel,
    /// <summary>A fresh process to its first finished step.</summary>
    Start,
}

/// <summary>A row of the benchmark: what is computed, by us and by the peer.</summary>
/// <param name="Name">The row's name, such as <c>mlp</c> or <c>gemm 64×64×64 NT</c>.</param>
/// <param name="Kind">What is timed.</param>
/// <param name="Prepare">Makes our side ready; <see langword="true"/> for eager mode. Start rows run programs of their own instead.</param>
internal sealed record Workload(string Name, WorkloadKind Kind, Func<bool, Work> Prepare)
{
    /// <summary>The workload's name in the peer; null where it has none.</summary>
    public string? Peer { get; init; }

    /// <summary>The numbers that the peer needs beside the tensors.</summary>
    public Dictionary<string, double> PeerOptions { get; init; } = [];

    /// <summary>What <c>--only</c> also calls it: <c>gemm</c> for all products.</summary>
    public string Group { get; init; } = Name;
}

/// <summary>Our side of a workload, ready to run.</summary>
internal abstract class Work
{
    /// <summary>The tensors that both sides begin with, as they are now.</summary>
    public abstract IReadOnlyCollection<SentTensor> Sent { get; }

    /// <summary>Multiply-adds of one step as the mathematics has them; 0 where bytes count instead.</summary>
    public virtual long MultiplyAdds => 0;

    /// <summary>Bytes that one step must read or write; 0 where arithmetic counts instead.</summary>
    public virtual long BytesTouched => 0;

    /// <summary>How far the numbers of both sides may lie apart, relative to the largest of them.</summary>
    public virtual double Tolerance => 1e-4;

    /// <summary>The learning rate of the steps that are compared; steps that are timed have one that moves nothing.</summary>
    public virtual double LearningRate => 0;

    /// <summary>One step, and nothing else.</summary>
    public abstract void Step(double learningRate);

    /// <summary>One step; gives its loss, or a sum over its results.</summary>
    public abstract double Check(double learningRate);

    /// <summary>A network's variables on their way to the peer, by their paths.</summary>
    public static IReadOnlyCollection<SentTensor> Send(Module network) => [.. network.Variables.Select(v => Send(v.Path, v.Variable.Value))];

    /// <summary>The mean square: it notices wrong values, and signs don't cancel in it.</summary>
    protected static double MeanSquare(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        return sum / values.Length;
    }

    /// <summary>A tensor on its way to the peer.</summary>
    protected static SentTensor Send(string name, Tensor tensor) => tensor.DType == Lamina.Tensors.Shapes.DType.Float32
        ? new(name, tensor.Shape.Span.ToArray(), tensor.ToArray<float>(), null)
        : new(name, tensor.Shape.Span.ToArray(), null, tensor.ToArray<int>());
}
