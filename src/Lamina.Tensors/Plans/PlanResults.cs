using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// What the runs of a plan give out. The memory is the same at every run; the tensors over it take turns, so that one from an
/// earlier run can be told from the latest and refuses to be read. A run allocates nothing, so there are only so many of them:
/// one that was kept for exactly a whole round of runs shows the latest values. Views of it never do.
/// </summary>
internal sealed class PlanResults
{
    // Prime, so that a loop's own period seldom meets it; fewer where there are many results.
    private const int Rounds = 61, MostTensors = 1024;

    private readonly Operand[] _operands;
    private readonly Storage[] _memory;
    private readonly Tensor[][] _rounds;
    private int _next;

    /// <summary>Results that lie in memory of the plan's own, are constants, or are variables' values.</summary>
    /// <exception cref="TensorException">One is an input.</exception>
    public PlanResults(Operand[] operands, Dictionary<Value, Tensor> owned)
    {
        _operands = operands;
        _memory = [.. owned.Values.Select(t => t.Storage)];
        _rounds = new Tensor[Math.Clamp(MostTensors / Math.Max(1, operands.Length), 3, Rounds)][];
        for (int i = 0; i < _rounds.Length; i++) _rounds[i] = Array.ConvertAll(operands, x => Make(x, owned));
    }

    /// <summary>Whether results lie in this memory.</summary>
    public bool LieIn(Storage memory) => Array.IndexOf(_memory, memory) >= 0;

    /// <summary>Invalidates results returned earlier.</summary>
    public void Begin()
    {
        foreach (Storage memory in _memory) memory.TryBeginRewrite();
    }

    /// <summary>The values are there.</summary>
    public void End()
    {
        foreach (Storage memory in _memory) memory.EndRewrite();
    }

    /// <summary>The tensors of the run that has ended.</summary>
    public Tensors Next()
    {
        Tensor[] results = _rounds[_next];
        _next = _next + 1 < _rounds.Length ? _next + 1 : 0;
        for (int i = 0; i < results.Length; i++)
            if (_operands[i].Value.Variable is { } variable) results[i] = variable.Stored;
            else if (_operands[i].Value.Kind == ValueKind.Computed) results[i].Renew();
        return new Tensors(results);
    }

    private static Tensor Make(Operand operand, Dictionary<Value, Tensor> owned) => operand.Value.Kind switch
    {
        ValueKind.Constant => operand.Value.Constant!,
        ValueKind.Variable => operand.Value.Variable!.Stored,
        ValueKind.Input => throw new TensorException("a step returned its input as it came in", "return a result that the step computes"),
        _ => owned[operand.Value].Alias(operand.Spec.Shape, operand.Strides, (int)(operand.ByteOffset / operand.Spec.DType.Size), tracked: false),
    };
}
