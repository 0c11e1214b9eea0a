using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>Notes the calls of a step instead of running them. What depends on constants alone is computed at once.</summary>
internal sealed class Recorder : Tracer
{
    private readonly Graph _graph = new();
    private readonly ConditionalWeakTable<Tensor, Value> _values = [];
    private readonly Dictionary<Variable, Tensor> _current = [];
    private readonly List<Variable> _written = [];

    /// <summary>Records a step for inputs of these types and shapes.</summary>
    public static Graph Record(Func<Tensors, Tensors> step, Specs inputs)
    {
        var recorder = new Recorder();
        var tensors = new Tensor[inputs.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Tensor.Symbolic(inputs[i], tracked: false);
            recorder._values.Add(tensors[i], new Value(ValueKind.Input, inputs[i]) { Input = i });
        }
        using (recorder.Begin())
        {
            Tensors results = step(new Tensors(tensors));
            Graph graph = recorder._graph;
            graph.Results = [.. results.Items.Select(recorder.Operand)];
            graph.Updates = [.. recorder._written.Select(v => new Update(v, recorder.Operand(recorder._current[v])))];
            return graph;
        }
    }

    public override Tensors Apply(Op op, Tensors inputs)
    {
        if (inputs.Items.All(x => !x.IsSymbolic && !x.IsTracked)) return op.RunNow(inputs);
        var tensors = new Tensor[inputs.Count];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = op.TakesStrides || inputs[i].IsCompact ? inputs[i] : new Copy().Apply(inputs[i]);
        Specs specs = op.Infer(inputs.Specs);
        bool tracked = op.IsDifferentiable && Tracking.Applies(inputs);
        var outputs = new Tensor[specs.Count];
        var call = new Call(op, [.. tensors.Select(Operand)], new Value[specs.Count]);
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = Tensor.Symbolic(specs[i], tracked && specs[i].DType.IsFloat);
            call.Outputs[i] = new Value(ValueKind.Computed, specs[i]) { Producer = call };
            _values.Add(outputs[i], call.Outputs[i]);
        }
        _graph.Calls.Add(call);
        if (tracked) op.Note(tensors, outputs);
        return new Tensors(outputs);
    }

    public override Tensor Read(Variable variable)
    {
        if (_current.TryGetValue(variable, out Tensor? current)) return current;
        Spec spec = variable.Spec;
        current = Tensor.Leaf(Tensor.Symbolic(spec, tracked: false), variable);
        _values.Add(current.Root, new Value(ValueKind.Variable, spec) { Variable = variable });
        return _current[variable] = current;
    }

    public override void Write(Variable variable, Tensor value)
    {
        if (!_written.Contains(variable)) _written.Add(variable);
        // Read again, it is the variable's new value: a leaf that gradients can be taken by.
        _current[variable] = Tensor.Leaf(value, variable);
    }

    private Operand Operand(Tensor tensor)
    {
        if (tensor.IsSymbolic)
        {
            if (_values.TryGetValue(tensor.Root, out Value? value)) return new(value, tensor.ByteOffset, tensor.Spec, tensor.Strides);
            throw new TensorException("a tensor from one plan's recording was used in another", "return it from the step and pass it in as an input");
        }
        // Memory that is written again holds the constant's values only now.
        Value constant = _values.GetValue(tensor, t => new Value(ValueKind.Constant, t.Spec) { Constant = t.Storage.IsRewritten ? t.Keep() : t });
        return new(constant, 0, tensor.Spec, constant.Constant!.Strides);
    }
}
