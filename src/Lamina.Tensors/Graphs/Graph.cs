using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Graphs;

/// <summary>
/// A function of tensors as a list of calls, in the order in which they were made; views and ops that are only a definition stand in it
/// like all others. It never changes: plans lower a copy of it, and summaries, profiles, memory reports and exports read it.
/// </summary>
public sealed class Graph
{
    internal Graph(GraphValue[] inputs, GraphCall[] calls, GraphValue[] results, GraphUpdate[] updates, ModuleCall[] modules) =>
        (Inputs, Calls, Results, Updates, Modules) = (inputs, calls, results, updates, modules);

    /// <summary>The inputs, in order.</summary>
    public IReadOnlyList<GraphValue> Inputs { get; }

    /// <summary>All calls, each after those that it depends on.</summary>
    public IReadOnlyList<GraphCall> Calls { get; }

    /// <summary>Results of the function, in order.</summary>
    public IReadOnlyList<GraphValue> Results { get; }

    /// <summary>The variables that are given a new value, and that value.</summary>
    public IReadOnlyList<GraphUpdate> Updates { get; }

    /// <summary>The forward passes of modules, in the order in which they began: each stands before those inside it.</summary>
    public IReadOnlyList<ModuleCall> Modules { get; }

    /// <summary>The variables whose values are read, in the order in which they are first read.</summary>
    public IEnumerable<GraphValue> Variables => Calls.SelectMany(c => c.Inputs).Concat(Results).Where(v => v.Variable is not null).Distinct();

    /// <summary>Records a function for inputs of these types and shapes; nothing is computed but what depends on constants alone.</summary>
    /// <param name="function">The function. It must not read values: there are none.</param>
    /// <param name="inputs">Types and shapes of its inputs.</param>
    /// <exception cref="TensorException">The function doesn't fit the inputs, or reads a value.</exception>
    public static Graph Record(Func<Tensors, Tensors> function, Specs inputs) => GraphRecorder.Record(function, inputs);

    /// <summary>The calls, one a line, with types and shapes: for people.</summary>
    public override string ToString() => string.Join('\n', Calls);
}

/// <summary>Source of a value of a graph.</summary>
public enum GraphValueKind
{
    /// <summary>Passed in.</summary>
    Input,
    /// <summary>A variable's value at the beginning.</summary>
    Variable,
    /// <summary>Known when the function was recorded.</summary>
    Constant,
    /// <summary>The result of a call.</summary>
    Computed,
}

/// <summary>A value of a graph. Views are values of their own that show the memory of another.</summary>
public sealed class GraphValue
{
    internal GraphValue(GraphValueKind kind, Spec spec) => (Kind, Spec, Root, Strides) = (kind, spec, this, Strides.Compact(spec.Shape));

    internal GraphValue(GraphCall view, Spec spec, GraphValue root, nint byteOffset, Strides strides)
    {
        (Kind, Spec, Producer) = (GraphValueKind.Computed, spec, view);
        (Root, ByteOffset, Strides) = (root, byteOffset, strides);
    }

    /// <summary>Source of the value.</summary>
    public GraphValueKind Kind { get; }

    /// <summary>Type and shape.</summary>
    public Spec Spec { get; }

    /// <summary>The call that it is a result of, or null.</summary>
    public GraphCall? Producer { get; internal set; }

    /// <summary>The variable whose value it is, or null.</summary>
    public Variable? Variable { get; internal init; }

    /// <summary>The tensor that holds a constant, or null.</summary>
    public Tensor? Constant { get; internal init; }

    /// <summary>Which input it is, where it is one.</summary>
    public int Input { get; internal init; }

    /// <summary>Whether it shows the memory of another value.</summary>
    public bool IsView => Root != this;

    /// <summary>The value whose memory it shows; itself where it is no view.</summary>
    internal GraphValue Root { get; }

    internal nint ByteOffset { get; }

    internal Strides Strides { get; }

    /// <inheritdoc/>
    public override string ToString() => Spec.ToString();
}

/// <summary>An op applied to values.</summary>
public sealed class GraphCall
{
    internal GraphCall(Op op, GraphValue[] inputs, Origin origin) => (Op, Inputs, Origin) = (op, inputs, origin);

    /// <summary>The op.</summary>
    public Op Op { get; }

    /// <summary>The operands.</summary>
    public IReadOnlyList<GraphValue> Inputs { get; }

    /// <summary>The results.</summary>
    public IReadOnlyList<GraphValue> Outputs { get; internal set; } = [];

    /// <summary>The module that it belongs to, and the part of the step.</summary>
    public Origin Origin { get; }

    /// <summary>Which output of its module it computes, such as <c>output</c>; null where it is none.</summary>
    public string? Port { get; internal set; }

    /// <summary>The op of which this call is a part of the definition; null where it stands for itself.</summary>
    public GraphCall? Composite { get; internal init; }

    /// <summary>Whether it is only the definition in other calls, which name it as their <see cref="Composite"/>.</summary>
    public bool IsComposite => !Op.HasKernel && Op is not ViewOp;

    /// <summary>Multiplications with an addition that it takes; those of a composite op are counted in its parts.</summary>
    public long MultiplyAdds => IsComposite ? 0 : Op.MultiplyAdds(Specs.Create([.. Inputs.Select(x => x.Spec)]));

    /// <inheritdoc/>
    public override string ToString() => $"{Op.Name} ({string.Join(", ", Inputs)}) → {string.Join(", ", Outputs)}";
}

/// <summary>A variable that is given a new value.</summary>
public sealed record GraphUpdate(Variable Variable, GraphValue Value);

/// <summary>A module's forward pass in a graph.</summary>
/// <param name="Module">The module.</param>
/// <param name="Depth">How many modules it is inside of.</param>
/// <param name="Inputs">What went in.</param>
/// <param name="FirstCall">The number of its first call in <see cref="Graph.Calls"/>.</param>
public sealed record ModuleCall(object Module, int Depth, IReadOnlyList<GraphValue> Inputs, int FirstCall)
{
    /// <summary>Results of the call.</summary>
    public IReadOnlyList<GraphValue> Outputs { get; internal set; } = [];

    /// <summary>The number of its calls, those of modules inside it included.</summary>
    public int CallCount { get; internal set; }
}

/// <summary>A module that names its outputs.</summary>
public interface INamesOutputs
{
    /// <summary>The names, in order.</summary>
    IReadOnlyList<string> OutputNames { get; }
}
