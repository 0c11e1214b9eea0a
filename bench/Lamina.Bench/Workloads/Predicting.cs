using Lamina.Learning.Modules;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

/// <summary>Whole forward passes at batch 1 and 64.</summary>
internal static class Predicting
{
    public static IEnumerable<Workload> Rows(string name, Func<Layer> network, Func<int, Tensor> inputs) =>
        ((int[])[1, 64]).Select(batch => new Workload($"{name} predicts {batch}", WorkloadKind.Inference, eager => Ready(eager, network(), inputs(batch)))
        {
            Group = "inference", Peer = "predict " + name,
        });

    private static KernelWork Ready(bool eager, Layer network, Tensor inputs)
    {
        Summary.Of(network, inputs.Spec with { Shape = inputs.Shape.Without(0) });
        network.Initialize(1);
        return new KernelWork(eager, x => network.Forward(x[0]), [inputs], "inputs") { More = () => Work.Send(network) };
    }
}
