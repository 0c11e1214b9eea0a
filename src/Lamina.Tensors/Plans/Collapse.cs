using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Brings element-wise calls whose operands lie like the result, are one row for all rows, or are a scalar, to the shape
/// (rows, columns): what a reshape stands between, such as a Linear's rows and the sequences they come from, then fuses.
/// </summary>
internal static class Collapse
{
    public static void Run(PlanGraph graph)
    {
        var moved = new Dictionary<Value, Value>();
        for (int i = 0; i < graph.Calls.Count; i++)
        {
            Call call = graph.Calls[i];
            for (int j = 0; j < call.Inputs.Length; j++) call.Inputs[j] = Moved(call.Inputs[j], moved);
            if (call.Op is not ITileOp || call.Outputs[0].Spec.Shape is not { Rank: > 2, Count: > 0 } shape) continue;
            Operand?[] inputs = [.. call.Inputs.Select(x => Collapsed(x, shape))];
            if (inputs.Contains(null)) continue;
            Value[] outputs = [.. call.Outputs.Select(o => new Value(ValueKind.Computed, o.Spec with { Shape = Rows(shape) }))];
            var collapsed = new Call(call.Op, inputs!, outputs, call.Origin);
            for (int j = 0; j < outputs.Length; j++)
            {
                outputs[j].Producer = collapsed;
                moved[call.Outputs[j]] = outputs[j];
            }
            graph.Calls[i] = collapsed;
        }
        for (int i = 0; i < graph.Results.Length; i++) graph.Results[i] = Moved(graph.Results[i], moved);
        for (int i = 0; i < graph.Updates.Count; i++) graph.Updates[i] = new(graph.Updates[i].Variable, Moved(graph.Updates[i].Value, moved));
    }

    private static Shape Rows(Shape shape) => [shape.Count / shape[^1], shape[^1]];

    private static Operand Moved(Operand x, Dictionary<Value, Value> moved) => moved.TryGetValue(x.Value, out Value? value) ? x with { Value = value } : x;

    /// <summary>The operand against (rows, columns); null where it is another for some rows only.</summary>
    private static Operand? Collapsed(Operand x, Shape shape)
    {
        Shape own = x.Spec.Shape;
        if (own == shape && x.Strides.IsCompact(own)) return Seen(x, Rows(shape), Strides.Compact(Rows(shape)));
        bool isConstant = true, isRow = true;
        for (int axis = 0; axis < own.Rank; axis++)
        {
            bool repeats = own[axis] == 1 || x.Strides[axis] == 0;
            isConstant &= repeats;
            isRow &= repeats || axis == own.Rank - 1;
        }
        if (isConstant) return Seen(x, Shape.Scalar, Strides.Compact(Shape.Scalar));
        return isRow ? Seen(x, [own[^1]], new(x.Strides[own.Rank - 1])) : null;
    }

    private static Operand Seen(Operand x, Shape shape, Strides strides) => x with { Spec = x.Spec with { Shape = shape }, Strides = strides };
}
