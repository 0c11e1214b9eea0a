using Lamina.Tensors.Ops;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Where a rectifier comes before a max-pooling, its gate takes the gradient before the windows do, by the pooled values: only a
/// window's greatest value gets a share, and it is above zero where the pooled one is. The same numbers, but a window has one to
/// gate instead of all its pixels. Only of a window with a NaN, whose share goes to its first pixel call by call, nothing passes here.
/// </summary>
internal static class EarlyGates
{
    public static void Run(Graph graph)
    {
        var uses = new Dictionary<Value, int>();
        foreach (Value value in graph.Calls.SelectMany(c => c.Inputs.Select(x => x.Value)).Concat(graph.Roots)) uses[value] = uses.GetValueOrDefault(value) + 1;
        for (int i = 0; i < graph.Calls.Count; i++)
        {
            Call gate = graph.Calls[i];
            if (gate.Op is not Gate || gate.Inputs[0] is not { IsWhole: true, Value: { Producer: { Op: MaxPool2dGradient } pool } spread } || uses[spread] != 1) continue;
            if (gate.Inputs[1] != pool.Inputs[0] || gate.Inputs[0].Spec != spread.Spec) continue;
            Operand share = pool.Inputs[2];
            var gated = new Value(ValueKind.Computed, share.Spec);
            gated.Producer = new Call(gate.Op, [share, pool.Inputs[1]], [gated]);
            var whole = new Operand(gated, 0, gated.Spec, Shapes.Strides.Compact(gated.Spec.Shape));
            var last = new Call(pool.Op, [pool.Inputs[0], pool.Inputs[1], whole], gate.Outputs);
            gate.Outputs[0].Producer = last;
            graph.Calls[i] = last;
            graph.Calls[graph.Calls.IndexOf(pool)] = gated.Producer;
        }
    }
}
