using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Makes of a graph what a plan is compiled from: views become offsets and strides of operands, composite ops leave their definition,
/// and calls can be replaced. The graph stays as it is.
/// </summary>
internal static class Lowering
{
    public static PlanGraph Run(Graph graph)
    {
        var lowered = new PlanGraph();
        var values = new Dictionary<GraphValue, Value>();
        foreach (GraphCall call in graph.Calls)
        {
            if (call.Op is ViewOp || call.IsComposite) continue;
            var inputs = new Operand[call.Inputs.Count];
            for (int i = 0; i < inputs.Length; i++) inputs[i] = Lowered(call.Inputs[i], values);
            var outputs = new Value[call.Outputs.Count];
            var copy = new Call(call.Op, inputs, outputs, call.Origin);
            for (int i = 0; i < outputs.Length; i++)
                values[call.Outputs[i]] = outputs[i] = new Value(ValueKind.Computed, call.Outputs[i].Spec) { Producer = copy };
            lowered.Calls.Add(copy);
        }
        lowered.Results = new Operand[graph.Results.Count];
        for (int i = 0; i < lowered.Results.Length; i++) lowered.Results[i] = Lowered(graph.Results[i], values);
        foreach (GraphUpdate update in graph.Updates) lowered.Updates.Add(new(update.Variable, Lowered(update.Value, values)));
        return lowered;
    }

    private static Operand Lowered(GraphValue value, Dictionary<GraphValue, Value> values)
    {
        GraphValue root = value.Root;
        if (root.Constant is { } constant)
            return new(values.TryGetValue(root, out Value? known) ? known
                : values[root] = new Value(ValueKind.Constant, root.Spec) { Constant = constant }, 0, constant.Spec, constant.Strides);
        if (!values.TryGetValue(root, out Value? lowered))
        {
            ValueKind kind = root.Kind == GraphValueKind.Input ? ValueKind.Input : ValueKind.Variable;
            values[root] = lowered = new Value(kind, root.Spec) { Variable = root.Variable, Input = root.Input };
        }
        return new(lowered, value.ByteOffset, value.Spec, value.Strides);
    }
}
