using Lamina.Tensors.Graphs;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

/// <summary>Counts the multiply-adds of a step, as its ops tell them; the step computes nothing and changes nothing.</summary>
internal static class Counter
{
    public static long Count(Func<Tensor> step)
    {
        PlanGraph graph = Lowering.Run(Graph.Record(_ => step(), Specs.Create([])));
        Simplify.Run(graph);
        return graph.Calls.Sum(call => call.Op.MultiplyAdds(Specs.Create([.. call.Inputs.Select(x => x.Spec)])));
    }
}
