using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>Source of a value of a plan.</summary>
internal enum ValueKind
{
    /// <summary>Passed in at every run.</summary>
    Input,
    /// <summary>A variable's value at the start of the run.</summary>
    Variable,
    /// <summary>Known when the plan was recorded.</summary>
    Constant,
    /// <summary>The result of a call.</summary>
    Computed,
}

/// <summary>A value of a plan: memory that calls read and write. Views of it are <see cref="Operand"/>s.</summary>
internal sealed class Value(ValueKind kind, Spec spec)
{
    public readonly ValueKind Kind = kind;
    public readonly Spec Spec = spec;

    /// <summary>The call that computes it.</summary>
    public Call? Producer;

    /// <summary>The variable whose value it is at the start.</summary>
    public Variable? Variable;

    /// <summary>The tensor that holds a constant.</summary>
    public Tensor? Constant;

    /// <summary>Which input it is.</summary>
    public int Input;
}

/// <summary>A value as a call sees it: through an offset, a shape and strides.</summary>
internal sealed record Operand(Value Value, nint ByteOffset, Spec Spec, Strides Strides)
{
    /// <summary>Whether it is the whole value, element for element, under any shape.</summary>
    public bool IsWhole => ByteOffset == 0 && Spec.Shape.Count == Value.Spec.Shape.Count && Strides.IsCompact(Spec.Shape);
}

/// <summary>The value that a variable has after the run.</summary>
internal sealed record Update(Variable Variable, Operand Value);

/// <summary>An op on operands, and where in the model it comes from: of calls that were joined, the first.</summary>
internal sealed class Call(Op op, Operand[] inputs, Value[] outputs, Origin origin)
{
    public readonly Op Op = op;
    public readonly Origin Origin = origin;
    public Operand[] Inputs = inputs;
    public readonly Value[] Outputs = outputs;
}

/// <summary>
/// A recorded step, lowered from a <see cref="Graphs.Graph"/>: views are part of operands, and calls stand in an order that respects
/// their dependencies; beside them what leaves the step. Its parts are classes: lists and
/// queries of structs would have to be compiled in every process, which takes longer than the first step.
/// </summary>
internal sealed class PlanGraph
{
    public List<Call> Calls = [];

    /// <summary>Results of a run.</summary>
    public Operand[] Results = [];

    /// <summary>The values that variables have after the run.</summary>
    public List<Update> Updates = [];

    /// <summary>All values that have to exist at the end.</summary>
    public IEnumerable<Value> Roots => Results.Select(r => r.Value).Concat(Updates.Select(u => u.Value.Value));
}
