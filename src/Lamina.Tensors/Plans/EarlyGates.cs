using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Where a rectifier comes before a max-pooling, its gate takes the gradient before the windows do, by the pooled values: only a
/// window's maximum gets a share, and it is above zero where the pooled one is. The same numbers, but a window has one to
/// gate instead of all its pixels, and what was pooled need not be kept.
/// </summary>
internal static class EarlyGates
{
    public static void Run(PlanGraph graph)
    {
        var uses = new Dictionary<Value, int>();
        foreach (Value value in graph.Calls.SelectMany(c => c.Inputs.Select(x => x.Value)).Concat(graph.Roots)) uses[value] = uses.GetValueOrDefault(value) + 1;
        for (int i = 0; i < graph.Calls.Count; i++)
        {
            Call gate = graph.Calls[i];
            if (gate.Op is not Gate || gate.Inputs[0] is not { IsWhole: true, Value: { Producer: { Op: MaxPool2dGradient } pool } spread }
                || uses[spread] != 1) continue;
            if (pool.Inputs[0] is not { IsWhole: true, Value: { Producer: { Op: MaxPool2d op } forward } places } || places != forward.Outputs[^1]) continue;
            if (!pool.Op.Equals(MaxPool2dGradient.Of(op, forward.Inputs[0].Spec.Shape)) || gate.Inputs[1] != forward.Inputs[0]
                || gate.Inputs[0].Spec != spread.Spec) continue;
            Operand share = pool.Inputs[1];
            var gated = new Value(ValueKind.Computed, share.Spec);
            gated.Producer = new Call(gate.Op, [share, Whole(forward.Outputs[0])], [gated], gate.Origin);
            var last = new Call(pool.Op, [pool.Inputs[0], Whole(gated)], gate.Outputs, pool.Origin);
            gate.Outputs[0].Producer = last;
            graph.Calls[i] = last;
            graph.Calls[graph.Calls.IndexOf(pool)] = gated.Producer;
        }
    }

    private static Operand Whole(Value value) => new(value, 0, value.Spec, Strides.Compact(value.Spec.Shape));
}
