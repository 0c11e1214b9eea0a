using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Graphs;

/// <summary>Notes the calls of a function instead of running them. What depends on constants alone is computed at once.</summary>
internal sealed class GraphRecorder : Tracer
{
    private readonly List<GraphCall> _calls = [];
    private readonly ConditionalWeakTable<Tensor, GraphValue> _values = [];
    private readonly Dictionary<Variable, Tensor> _current = [];
    private readonly List<Variable> _written = [];
    private readonly List<ModuleCall> _modules = [];
    private readonly Stack<(ModuleCall Call, Origin Outer)> _open = new();
    private readonly Stack<GraphCall> _composites = new();

    private GraphRecorder() { }

    public override Origin Origin { get; set; } = Origin.None;

    /// <summary>Records a function for inputs of these types and shapes.</summary>
    public static Graph Record(Func<Tensors, Tensors> function, Specs inputs)
    {
        var recorder = new GraphRecorder();
        var tensors = new Tensor[inputs.Count];
        var values = new GraphValue[inputs.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Tensor.Symbolic(inputs[i], tracked: false);
            values[i] = new GraphValue(GraphValueKind.Input, inputs[i]) { Input = i };
            recorder._values.Add(tensors[i], values[i]);
        }
        using (recorder.Begin())
        {
            Tensors results = function(new Tensors(tensors));
            GraphValue[] returned = recorder.Values(results);
            var updates = new GraphUpdate[recorder._written.Count];
            for (int i = 0; i < updates.Length; i++) updates[i] = new(recorder._written[i], recorder.Value(recorder._current[recorder._written[i]]));
            return new Graph(values, [.. recorder._calls], returned, updates, [.. recorder._modules]);
        }
    }

    public override Tensors Apply(Op op, Tensors inputs)
    {
        if (AreKnown(inputs)) return op.RunNow(inputs);
        var tensors = new Tensor[inputs.Count];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = op.TakesStrides || inputs[i].IsCompact ? inputs[i] : new Copy().Apply(inputs[i]);
        Specs specs = op.Infer(inputs.Specs);
        bool tracked = op.IsDifferentiable && Tracking.Applies(inputs);
        var outputs = new Tensor[specs.Count];
        var results = new GraphValue[specs.Count];
        GraphCall call = Note(op, Values(new Tensors(tensors)));
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = Tensor.Symbolic(specs[i], tracked && specs[i].DType.IsFloat);
            results[i] = new GraphValue(GraphValueKind.Computed, specs[i]) { Producer = call };
            _values.Add(outputs[i], results[i]);
        }
        call.Outputs = results;
        if (tracked) op.Note(tensors, outputs);
        return new Tensors(outputs);
    }

    public override void Viewed(Op view, Tensor input, Tensor result)
    {
        // A view of a constant is a constant.
        if (!result.IsSymbolic) return;
        GraphValue from = Value(input);
        GraphCall call = Note(view, [from]);
        var value = new GraphValue(call, result.Spec, from.Root, result.ByteOffset, result.Strides);
        call.Outputs = [value];
        _values.Add(result, value);
    }

    public override void Enter(Op composite, Tensors inputs)
    {
        if (!AreKnown(inputs)) _composites.Push(Note(composite, Values(inputs)));
    }

    public override void Leave(Op composite, Tensors outputs)
    {
        if (_composites.TryPeek(out GraphCall? open) && ReferenceEquals(open.Op, composite)) _composites.Pop().Outputs = Values(outputs);
    }

    public override void Enter(object module, Tensors inputs)
    {
        var call = new ModuleCall(module, _open.Count, Values(inputs), _calls.Count);
        _modules.Add(call);
        _open.Push((call, Origin));
        Origin = new(module, Origin.Phase);
    }

    public override void Leave(object module, Tensors outputs)
    {
        base.Leave(module, outputs);
        (ModuleCall call, Origin outer) = _open.Pop();
        Origin = outer;
        GraphValue[] values = Values(outputs);
        call.Outputs = values;
        call.CallCount = _calls.Count - call.FirstCall;
        IReadOnlyList<string>? names = (module as INamesOutputs)?.OutputNames;
        for (int i = 0; i < values.Length; i++)
            if (values[i].Producer is { } producer && producer.Origin.Module == module) producer.Port = names is not null && i < names.Count ? names[i]
                : "output";
    }

    public override Tensor Read(Variable variable)
    {
        if (_current.TryGetValue(variable, out Tensor? current)) return current;
        Spec spec = variable.Spec;
        current = Tensor.Leaf(Tensor.Symbolic(spec, tracked: false), variable);
        var value = new GraphValue(GraphValueKind.Variable, spec) { Variable = variable };
        _values.Add(current.Root, value);
        if (!ReferenceEquals(current.Root, current)) _values.Add(current, value);
        return _current[variable] = current;
    }

    public override void Write(Variable variable, Tensor value)
    {
        if (!_written.Contains(variable)) _written.Add(variable);
        // Read again, it is the variable's new value: a leaf that gradients can be taken by.
        _current[variable] = Tensor.Leaf(value, variable);
    }

    public override bool IsInput(Tensor tensor) => !tensor.IsSymbolic || Value(tensor).Root.Kind == GraphValueKind.Input;

    private static bool AreKnown(Tensors inputs)
    {
        foreach (Tensor x in inputs.Items)
            if (x.IsSymbolic || x.IsTracked) return false;
        return true;
    }

    private GraphCall Note(Op op, GraphValue[] inputs)
    {
        var call = new GraphCall(op, inputs, Origin) { Composite = _composites.TryPeek(out GraphCall? composite) ? composite : null };
        _calls.Add(call);
        return call;
    }

    // Memory that is written again holds the constant's values only now.
    private static GraphValue Known(Tensor constant) =>
        new(GraphValueKind.Constant, constant.Spec) { Constant = constant.Storage.IsRewritten ? constant.Keep() : constant };

    private GraphValue[] Values(Tensors tensors)
    {
        var values = new GraphValue[tensors.Count];
        for (int i = 0; i < values.Length; i++) values[i] = Value(tensors[i]);
        return values;
    }

    private GraphValue Value(Tensor tensor)
    {
        if (_values.TryGetValue(tensor, out GraphValue? known)) return known;
        if (!tensor.IsSymbolic) return _values.GetValue(tensor, Known);
        if (!_values.TryGetValue(tensor.Root, out GraphValue? root))
            throw new TensorException("a tensor from one plan's recording was used in another", "return it from the step and pass it in as an input");
        // A leaf or tracked alias of a value that was seen under another tensor: the same memory in the same way.
        GraphValue value = root.Root.Spec == tensor.Spec && tensor.ByteOffset == 0 && tensor.Strides.IsCompact(tensor.Shape) ? root
            : new GraphValue(root.Producer!, tensor.Spec, root.Root, tensor.ByteOffset, tensor.Strides);
        _values.Add(tensor, value);
        return value;
    }
}
