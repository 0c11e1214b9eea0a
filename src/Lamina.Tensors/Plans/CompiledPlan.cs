using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>A step for one set of input shapes, ready to run: calls with their addresses. A run allocates nothing.</summary>
internal sealed unsafe class CompiledPlan
{
    private readonly Ready[] _calls;
    private readonly List<Patch> _patches = [];
    private readonly Dictionary<Variable, Storage> _bound = [];
    private readonly KeyValuePair<Variable, Storage>[] _boundList;
    private readonly CopyAtEnd[] _copies;
    private readonly PlanResults _results;
    private readonly Storage? _slab;
    private readonly PlanGraph _graph;
    private readonly HashSet<Variable> _written;
    private readonly VariableClaims _claims;

    public CompiledPlan(Graph recorded, Specs inputs)
    {
        Inputs = inputs;
        Graph = recorded;
        PlanGraph graph = _graph = Lowering.Run(recorded);
        Simplify.Run(graph);
        EarlyGates.Run(graph);
        Collapse.Run(graph);
        Fusion.Run(graph);
        Epilogues.Run(graph);
        var placement = new Placement(graph);
        _slab = placement.SlabBytes > 0 ? Storage.Rent(placement.SlabBytes) : null;
        _written = [.. graph.Updates.Select(u => u.Variable)];
        var owned = placement.Returned.ToDictionary(v => v, v => Tensor.Rent(v.Spec));
        foreach (Tensor tensor in owned.Values) tensor.Storage.Rewriter = Rewriter.Run;
        _calls = new Ready[graph.Calls.Count];
        for (int i = 0; i < _calls.Length; i++) _calls[i] = Prepare(graph.Calls[i], i, placement, owned);
        _copies = [.. placement.CopiedAtEnd.Select(c => new CopyAtEnd(c.Variable, (nint)Address(c.From, placement, owned), (int)c.From.Spec.Bytes))];
        foreach ((Variable variable, _, _) in _copies) _bound.TryAdd(variable, null!);
        foreach (Operand result in graph.Results)
            if (result.Value.Variable is { } variable) _bound.TryAdd(variable, null!);
        _results = new PlanResults(graph.Results, owned);
        _boundList = [.. _bound];
        _claims = new VariableClaims([.. _boundList.Select(b => _written.Contains(b.Key))]);
        Calls = graph.Calls.Count;
    }

    /// <summary>The types and shapes that the inputs must have.</summary>
    public Specs Inputs { get; }

    /// <summary>Graph that it was compiled from.</summary>
    public Graph Graph { get; }

    /// <summary>The number of calls that a run makes.</summary>
    public int Calls { get; }

    /// <summary>The bytes of intermediate values.</summary>
    public long SlabBytes => _slab?.Length ?? 0;

    /// <summary>The calls in order, one a line.</summary>
    public string Describe() => string.Join('\n', _graph.Calls.Select(c =>
        $"{c.Op.Name}{Chain(c.Op)} ({string.Join(", ", c.Inputs.Select(x => x.Spec))}) → {string.Join(", ", c.Outputs.Select(o => o.Spec))}"));

    private static string Chain(Op op) => op switch
    {
        Fused fused => Names(fused.Program),
        Epilogued epilogued => Names(epilogued.Epilogue.Program),
        _ => "",
    };

    private static string Names(MapProgram program) => $"[{string.Join(' ', program.Instructions.Select(i => i.Op.Name))}]";

    /// <summary>Whether a run would write to memory that this input shows: a result of the run before, or a variable's value.</summary>
    public bool Overwrites(Tensor input)
    {
        if (input.Storage is not { IsRewritten: true } memory) return false;
        if (memory.Rewriter == Rewriter.Run) return _results.LieIn(memory);
        if (memory.Rewriter == Rewriter.Update)
            foreach (Variable variable in _written)
                if (variable.InPlace.Memory == memory) return true;
        return false;
    }

    public Tensors Run(ReadOnlySpan<Tensor> inputs)
    {
        BindVariables();
        foreach (Patch patch in _patches)
            if (patch.Variable is null) Point(patch, (byte*)inputs[patch.Input].View.Data);
        _results.Begin();
        try
        {
            _claims.Begin(_boundList);
            try
            {
                RunCalls();
            }
            finally
            {
                _claims.End(_boundList);
            }
        }
        finally
        {
            _results.End();
        }
        _claims.Check(_boundList);
        foreach (Tensor input in inputs) input.CheckUnchanged();
        return _results.Next();
    }

    private void RunCalls()
    {
        CpuPool pool = CpuPool.Shared;
        foreach (ref readonly Ready call in _calls.AsSpan())
            call.Op.Run(new CpuCall(call.Inputs, call.Outputs, pool, call.Workspace));
        foreach ((Variable variable, nint from, int bytes) in _copies)
            Buffer.MemoryCopy((void*)from, variable.InPlace.Address, bytes, bytes);
    }

    /// <summary>Runs the step a number of times and gives, for each call, the least time it took in microseconds, beside its description.</summary>
    public IReadOnlyList<CallTime> Profile(ReadOnlySpan<Tensor> inputs, int runs, Func<int, bool>? goOn = null)
    {
        var least = new double[_calls.Length];
        Array.Fill(least, double.MaxValue);
        for (int run = 0; run < runs; run++)
        {
            Run(inputs);
            for (int i = 0; i < _calls.Length; i++)
            {
                long began = System.Diagnostics.Stopwatch.GetTimestamp();
                _calls[i].Op.Run(new CpuCall(_calls[i].Inputs, _calls[i].Outputs, CpuPool.Shared, _calls[i].Workspace));
                least[i] = Math.Min(least[i], (System.Diagnostics.Stopwatch.GetTimestamp() - began) * 1e6 / System.Diagnostics.Stopwatch.Frequency);
            }
            if (goOn?.Invoke(run + 1) == false) break;
        }
        string[] lines = Describe().Split('\n');
        return [.. _graph.Calls.Select((c, i) => new CallTime(least[i], lines[i], Main(c.Op).Name, c.Origin, Main(c.Op).MultiplyAdds(Operands(c))))];

        static Op Main(Op op) => op is Epilogued epilogued ? epilogued.Producer : op;

        static Specs Operands(Call call) => Specs.Create([.. call.Inputs.Take(call.Op is Epilogued e ? e.ProducerInputs : call.Inputs.Length).Select(x =>
            x.Spec)]);
    }

    // Variables keep their memory from run to run; one that was given another value in between is found again.
    private void BindVariables()
    {
        bool moved = false;
        for (int i = 0; i < _boundList.Length; i++)
        {
            (Variable variable, Storage storage) = _boundList[i];
            if (variable.InPlace.Memory == storage) continue;
            if (_written.Contains(variable)) variable.Own();
            _boundList[i] = KeyValuePair.Create(variable, variable.InPlace.Memory!);
            _bound[variable] = variable.InPlace.Memory!;
            moved = true;
        }
        if (!moved) return;
        foreach (Patch patch in _patches)
            if (patch.Variable is { } variable) Point(patch, (byte*)variable.InPlace.Address);
    }

    private void Point(Patch patch, byte* data)
    {
        View[] views = patch.IsOutput ? _calls[patch.Call].Outputs : _calls[patch.Call].Inputs;
        View.Move(ref views[patch.Index], data + patch.ByteOffset);
    }

    private Ready Prepare(Call call, int position, Placement placement, Dictionary<Value, Tensor> owned)
    {
        var inputs = new View[call.Inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            Operand x = call.Inputs[i];
            void* data = null;
            if (x.Value.Kind == ValueKind.Input) _patches.Add(new(position, i, false, null, x.Value.Input, x.ByteOffset));
            else if (Home(x.Value, placement) is { } variable) Bind(new(position, i, false, variable, -1, x.ByteOffset));
            else data = (byte*)Address(x.Value, placement, owned) + x.ByteOffset;
            inputs[i] = new View(data, x.Spec.DType, x.Spec.Shape, x.Strides);
        }
        var outputs = new View[call.Outputs.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            Value value = placement.Over.GetValueOrDefault(call.Outputs[i], call.Outputs[i]);
            void* data = null;
            if (Home(value, placement) is { } variable) Bind(new(position, i, true, variable, -1, 0));
            else data = Address(value, placement, owned);
            Spec spec = call.Outputs[i].Spec;
            outputs[i] = new View(data, spec.DType, spec.Shape, Strides.Compact(spec.Shape));
        }
        void* workspace = placement.WorkspaceOffsets.TryGetValue(call, out long offset) ? (byte*)_slab!.Address + offset : null;
        return new Ready(call.Op, inputs, outputs, workspace);
    }

    private static Variable? Home(Value value, Placement placement) => value.Variable ?? placement.InVariable.GetValueOrDefault(value);

    private void Bind(Patch patch)
    {
        _patches.Add(patch);
        _bound.TryAdd(patch.Variable!, null!);
    }

    private void* Address(Value value, Placement placement, Dictionary<Value, Tensor> owned)
    {
        if (value.Constant is { } constant) return constant.View.Data;
        if (owned.TryGetValue(value, out Tensor? tensor)) return tensor.View.Data;
        return (byte*)_slab!.Address + placement.Offsets[value];
    }

    private readonly struct Ready(Op op, View[] inputs, View[] outputs, void* workspace)
    {
        public readonly Op Op = op;
        public readonly View[] Inputs = inputs, Outputs = outputs;
        public readonly void* Workspace = workspace;
    }

    private sealed record CopyAtEnd(Variable Variable, nint From, int Bytes);

    /// <summary>A place in a call that gets its address when the plan runs.</summary>
    private sealed record Patch(int Call, int Index, bool IsOutput, Variable? Variable, int Input, nint ByteOffset);
}
