using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// A step that is recorded once for each set of input shapes and then replayed: unused and repeated calls taken out,
/// element-wise chains fused, bias and activation folded into products, updates done in place, all intermediates laid
/// into one slab. A replay allocates nothing and gives the bits that the step gives when it runs call by call.
/// </summary>
public sealed class Plan
{
    // Enough for the lengths that sequences are padded to, with an odd last batch of each.
    private const int MostRecordings = 16;
    private const long MostSlabBytes = 1L << 30;

    private readonly Func<Tensors, Tensors> _step;
    private readonly Func<long>? _fingerprint;

    // The latest used first.
    private readonly List<(long Fingerprint, CompiledPlan Plan)> _compiled = [];
    private readonly ExclusiveUse _use = new("plan", "one plan for each thread, or one run after the other under a lock");

    /// <summary>
    /// A plan of <paramref name="step"/>, which gets the inputs and returns the results. It may read and write
    /// variables, take gradients and draw random numbers by a key that comes in as an input; it must not read values
    /// (there are none yet when it is recorded) and must do the same whenever it is called with the same fingerprint.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="fingerprint">
    /// A number that changes with everything else that the step depends on, such as which parameters are frozen: a recording is used as
    /// long as it is the same. Null: there is nothing else.
    /// </param>
    public Plan(Func<Tensors, Tensors> step, Func<long>? fingerprint = null) => (_step, _fingerprint) = (step, fingerprint);

    /// <summary>Bytes of intermediate values, over all recorded shapes.</summary>
    public long SlabBytes => _compiled.Sum(c => c.Plan.SlabBytes);

    /// <summary>The number of recordings that are kept: for the input shapes used last, 16 at most.</summary>
    public int Recordings => _compiled.Count;

    /// <summary>The graph of the latest recording, as it was before it was compiled; null before the first.</summary>
    public Graph? Graph => _compiled.Count == 0 ? null : _compiled[0].Plan.Graph;

    /// <summary>The calls of the latest recording, one a line, with what was fused into each: for people and tests.</summary>
    public string Describe() => _compiled.Count == 0 ? "" : _compiled[0].Plan.Describe();

    /// <summary>
    /// Where a run's time goes: each call of the latest recording with the least time it took, in microseconds. Calls are
    /// run again and again, so what they update has no meaning afterwards.
    /// </summary>
    /// <param name="inputs">As in <see cref="Run"/>.</param>
    /// <param name="runs">Number of runs at most, 1 or more.</param>
    /// <param name="goOn">Called after each run with the number of those done; false ends the profile. What it throws is thrown here.</param>
    public IReadOnlyList<CallTime> Profile(ReadOnlySpan<Tensor> inputs, int runs = 20, Func<int, bool>? goOn = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        using ExclusiveUse.Scope inside = _use.Enter();
        RunAlone(inputs);
        return _compiled[0].Plan.Profile(inputs, runs, goOn);
    }

    /// <summary>
    /// Runs the step. The results are valid until the next run, which overwrites their memory: reading them after it is an error,
    /// so <see cref="Tensor.Keep"/> what is needed for longer. A plan serves one thread at a time.
    /// </summary>
    /// <exception cref="TensorException">The step doesn't fit these inputs, or reads a value while it is recorded.</exception>
    /// <exception cref="ConcurrentUseException">
    /// The plan is at work for another caller, or another plan updates the same variables at the same time.
    /// </exception>
    public Tensors Run(params ReadOnlySpan<Tensor> inputs)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        return RunAlone(inputs);
    }

    private Tensors RunAlone(ReadOnlySpan<Tensor> inputs)
    {
        CompiledPlan plan = Find(inputs);
        foreach (Tensor input in inputs)
            if (!input.IsCompact || plan.Overwrites(input)) return plan.Run(Copied(plan, inputs));
        return plan.Run(inputs);
    }

    private CompiledPlan Find(ReadOnlySpan<Tensor> inputs)
    {
        long fingerprint = _fingerprint?.Invoke() ?? 0;
        for (int i = 0; i < _compiled.Count; i++)
        {
            (long known, CompiledPlan plan) = _compiled[i];
            if (known != fingerprint || !Matches(plan.Inputs, inputs)) continue;
            if (i > 0)
            {
                _compiled.RemoveAt(i);
                _compiled.Insert(0, (known, plan));
            }
            return plan;
        }
        return Compile(new Tensors(inputs.ToArray()).Specs, fingerprint);
    }

    /// <summary>Records and compiles the step for inputs of these types and shapes, without running it.</summary>
    /// <exception cref="ConcurrentUseException">The plan is at work for another caller.</exception>
    public void Prepare(Specs inputs)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        Compile(inputs, _fingerprint?.Invoke() ?? 0);
    }

    /// <summary>The graph of the step for inputs of these types and shapes, recorded and compiled where it isn't yet.</summary>
    /// <exception cref="ConcurrentUseException">The plan is at work for another caller.</exception>
    public Graph Record(Specs inputs)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        long fingerprint = _fingerprint?.Invoke() ?? 0;
        foreach ((long known, CompiledPlan plan) in _compiled)
            if (known == fingerprint && plan.Inputs.ToArray().AsSpan().SequenceEqual(inputs.ToArray())) return plan.Graph;
        return Compile(inputs, fingerprint).Graph;
    }

    // Recordings that weren't used for the longest make room: their memory goes back to the pool once nobody holds their results.
    private CompiledPlan Compile(Specs inputs, long fingerprint)
    {
        var plan = new CompiledPlan(Graph.Record(_step, inputs), inputs);
        // Taken again: the step may have set fields while it was recorded, which it won't when it is replayed.
        _compiled.Insert(0, (_fingerprint?.Invoke() ?? fingerprint, plan));
        while (_compiled.Count > MostRecordings || _compiled.Count > 2 && SlabBytes > MostSlabBytes) _compiled.RemoveAt(_compiled.Count - 1);
        return plan;
    }

    private static Tensor[] Copied(CompiledPlan plan, ReadOnlySpan<Tensor> inputs)
    {
        var copies = new Tensor[inputs.Length];
        for (int i = 0; i < copies.Length; i++) copies[i] = inputs[i].IsCompact && !plan.Overwrites(inputs[i]) ? inputs[i] : inputs[i].Keep();
        return copies;
    }

    private static bool Matches(Specs specs, ReadOnlySpan<Tensor> inputs)
    {
        if (specs.Count != inputs.Length) return false;
        for (int i = 0; i < inputs.Length; i++)
            if (specs[i] != inputs[i].Spec) return false;
        return true;
    }
}

/// <summary>Operand of a call of a compiled plan.</summary>
/// <param name="Microseconds">The least time of all runs.</param>
/// <param name="Call">The call, with what was fused into it, and its types and shapes.</param>
/// <param name="Op">The name of the op; of joined ones the first.</param>
/// <param name="Origin">The module that it belongs to, and the part of the step; of joined calls the first.</param>
/// <param name="MultiplyAdds">Multiplications with an addition.</param>
public sealed record CallTime(double Microseconds, string Call, string Op, Origin Origin, long MultiplyAdds);
