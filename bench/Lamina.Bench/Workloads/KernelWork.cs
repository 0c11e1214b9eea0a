using Lamina.Bench.Protocol;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A computation from tensors to one tensor: recorded as a plan, or call by call.</summary>
/// <param name="eager">Whether it runs call by call instead of as a plan.</param>
/// <param name="compute">The computation.</param>
/// <param name="inputs">What it is computed from.</param>
/// <param name="names">What the peer calls the inputs.</param>
internal sealed class KernelWork(bool eager, Func<Tensors, Tensor> compute, Tensor[] inputs, params string[] names) : Work
{
    private readonly Plan? _plan = eager ? null : new Plan(x => compute(x));
    private readonly Tensors _inputs = [.. inputs];

    /// <summary>What is sent beside the inputs, such as the weights of a network.</summary>
    public Func<IReadOnlyCollection<SentTensor>> More { get; init; } = () => [];

    /// <summary>Bytes that a run must read or write, where that is what takes its time.</summary>
    public long Bytes { get; init; }

    public override long BytesTouched => Bytes;

    public override long MultiplyAdds { get; } = Counter.Count(() => compute([.. inputs.Select(x => x.DType.IsFloat ? x.Track() : x)]));

    public override IReadOnlyCollection<SentTensor> Sent => [.. inputs.Zip(names, (tensor, name) => Send(name, tensor)), .. More()];

    public override void Step(double learningRate) => Run();

    public override double Check(double learningRate) => MeanSquare(Run().Read<float>());

    private Tensor Run() => _plan is null ? compute(_inputs) : _plan.Run(_inputs.Span)[0];
}
