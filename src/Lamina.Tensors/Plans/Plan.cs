using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// A step that is recorded once for each set of input shapes and then replayed: unused and repeated calls taken out,
/// element-wise chains fused, bias and activation folded into products, updates done in place, all intermediates laid
/// into one slab. A replay allocates nothing and gives the bits that the step gives when it runs call by call.
/// </summary>
public sealed class Plan
{
    private readonly Func<Tensors, Tensors> _step;
    private readonly List<CompiledPlan> _compiled = [];
    private readonly ExclusiveUse _use = new("plan", "one plan for each thread, or one run after the other under a lock");

    /// <summary>
    /// A plan of <paramref name="step"/>, which gets the inputs and returns the results. It may read and write
    /// variables, take gradients and draw random numbers by a key that comes in as an input; it must not read values
    /// (there are none yet when it is recorded) and must do the same whenever it is called.
    /// </summary>
    public Plan(Func<Tensors, Tensors> step) => _step = step;

    /// <summary>Bytes of intermediate values, over all recorded shapes.</summary>
    public long SlabBytes => _compiled.Sum(c => c.SlabBytes);

    /// <summary>The number of input shapes that were recorded.</summary>
    public int Recordings => _compiled.Count;

    /// <summary>The calls of the latest recording, one a line, with what was fused into each: for people and tests.</summary>
    public string Describe() => _compiled.Count == 0 ? "" : _compiled[^1].Describe();

    /// <summary>
    /// Where a run's time goes: each call of the latest recording with the least time it took, in microseconds. Calls are
    /// run again and again, so what they update has no meaning afterwards.
    /// </summary>
    public IEnumerable<(double Microseconds, string Call)> Profile(ReadOnlySpan<Tensor> inputs, int runs = 20)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        RunAlone(inputs);
        return _compiled[^1].Profile(inputs, runs);
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
        CompiledPlan? plan = null;
        foreach (CompiledPlan compiled in _compiled)
            if (Matches(compiled.Inputs, inputs)) plan = compiled;
        plan ??= Compile(new Tensors(inputs.ToArray()).Specs);
        foreach (Tensor input in inputs)
            if (!input.IsCompact || plan.Overwrites(input)) return plan.Run(Copied(plan, inputs));
        return plan.Run(inputs);
    }

    /// <summary>Records and compiles the step for inputs of these types and shapes, without running it.</summary>
    /// <exception cref="ConcurrentUseException">The plan is at work for another caller.</exception>
    public void Prepare(Specs inputs)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        Compile(inputs);
    }

    private CompiledPlan Compile(Specs inputs)
    {
        var plan = new CompiledPlan(Recorder.Record(_step, inputs), inputs);
        _compiled.Add(plan);
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
