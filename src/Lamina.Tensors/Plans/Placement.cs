using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Where the computed values of a plan lie: in a variable's own memory where an update can happen in place, in memory
/// of their own for results, and otherwise in one slab, where values that don't live at the same time share bytes.
/// </summary>
internal sealed class Placement
{
    private const long Alignment = 64;

    private readonly PlanGraph _graph;
    private readonly Dictionary<Value, Life> _life = [];
    private readonly Dictionary<Value, Value> _shares = [];
    private readonly Dictionary<Value, Value> _over = [];

    public Placement(PlanGraph graph)
    {
        _graph = graph;
        PrepareUpdates();
        Measure();
        UpdateInPlace();
        ShareWithOperands();
        ShareWithProducts();
        Lay();
    }

    /// <summary>Values that are computed straight into a variable's memory.</summary>
    public Dictionary<Value, Variable> InVariable { get; } = [];

    /// <summary>Variables that are copied to at the end, from these values.</summary>
    public List<VariableCopy> CopiedAtEnd { get; } = [];

    /// <summary>Offsets in the slab.</summary>
    public Dictionary<Value, long> Offsets { get; } = [];

    /// <summary>Offsets of working memory in the slab.</summary>
    public Dictionary<Call, long> WorkspaceOffsets { get; } = [];

    /// <summary>Products that lie where a result of their epilogue lies, wherever that is.</summary>
    public IReadOnlyDictionary<Value, Value> Over => _over;

    /// <summary>The size of the slab.</summary>
    public long SlabBytes { get; private set; }

    /// <summary>Values that a run returns: they keep memory of their own.</summary>
    public HashSet<Value> Returned { get; } = [];

    // An update must be a whole computed value that nothing else claims; anything else is copied to one first.
    private void PrepareUpdates()
    {
        Returned.UnionWith(_graph.Results.Select(r => r.Value).Where(v => v.Kind == ValueKind.Computed));
        var claimed = new HashSet<Value>(Returned);
        for (int i = 0; i < _graph.Updates.Count; i++)
        {
            (Variable variable, Operand update) = _graph.Updates[i];
            if (update.Value.Kind == ValueKind.Computed && update.IsWhole && claimed.Add(update.Value)) continue;
            var copy = new Value(ValueKind.Computed, update.Spec);
            copy.Producer = new Call(new Copy(), [update], [copy], update.Value.Producer?.Origin ?? Origin.None);
            _graph.Calls.Add(copy.Producer);
            _graph.Updates[i] = new(variable, new Operand(copy, 0, copy.Spec, Strides.Compact(copy.Spec.Shape)));
        }
    }

    private void Measure()
    {
        for (int i = 0; i < _graph.Calls.Count; i++)
        {
            Call call = _graph.Calls[i];
            foreach (Value output in call.Outputs) _life[output] = new(i, i);
            foreach (Operand input in call.Inputs)
                if (_life.TryGetValue(input.Value, out Life? life)) _life[input.Value] = new(life.First, i);
        }
    }

    // The new value goes where the old one lies if nobody reads the old one later, and the computing call itself, if it
    // reads it, does so element by element.
    private void UpdateInPlace()
    {
        var readAtEnd = new HashSet<Variable>(_graph.Results.Where(r => r.Value.Variable is not null).Select(r => r.Value.Variable!));
        var lastRead = new Dictionary<Variable, Call>();
        foreach (Call call in _graph.Calls)
            foreach (Operand input in call.Inputs)
                if (input.Value.Variable is { } read) lastRead[read] = call;
        foreach ((Variable variable, Operand update) in _graph.Updates)
        {
            int at = _life[update.Value].First;
            bool safe = !readAtEnd.Contains(variable);
            if (safe && lastRead.TryGetValue(variable, out Call? last))
            {
                Call own = _graph.Calls[at];
                safe = last == own || _life[last.Outputs[0]].First < at;
                foreach (Operand input in own.Inputs) safe &= input.Value.Variable != variable || MayLieOver(own, input, update.Value);
            }
            if (safe) InVariable[update.Value] = variable;
            else
            {
                CopiedAtEnd.Add(new(variable, update.Value));
                _life[update.Value] = new(at, _graph.Calls.Count);
            }
        }
    }

    // The result of an element-wise call may overwrite an operand that is not needed any more.
    private void ShareWithOperands()
    {
        for (int i = 0; i < _graph.Calls.Count; i++)
        {
            Call call = _graph.Calls[i];
            if (call.Op is not Fused) continue;
            var donors = new HashSet<Value>();
            foreach (Value output in call.Outputs)
            {
                if (!InSlab(output)) continue;
                foreach (Operand input in call.Inputs)
                {
                    Value donor = input.Value;
                    if (!InSlab(donor) || donors.Contains(donor) || _life[donor].Last != i || donor.Spec.Bytes != output.Spec.Bytes) continue;
                    if (call.Inputs.Any(x => x.Value == donor && !MayLieOver(call, x, output))) continue;
                    donors.Add(donor);
                    Value owner = Owner(donor);
                    _shares[output] = owner;
                    _life[owner] = new(_life[owner].First, Math.Max(_life[owner].Last, _life[output].Last));
                    break;
                }
            }
        }
    }

    // Element for element, and nothing of the operand may be read once the result is being written.
    private static bool MayLieOver(Call call, Operand operand, Value result) =>
        call.Op is Engines.Cpu.IWritesInPlace && operand.IsWhole && operand == call.Inputs[0] && call.Inputs.Count(x => x.Value == operand.Value) == 1
        || call.Op is Fused fused && operand.IsWhole && operand.Spec.Shape == result.Spec.Shape && operand.Spec.DType.Size == result.Spec.DType.Size
        && !fused.Program.ReadsAfter(Array.IndexOf(call.Inputs, operand), Array.IndexOf(call.Outputs, result));

    // A product that only its epilogue reads is overwritten by a result of the same size, after which it isn't read again.
    private void ShareWithProducts()
    {
        foreach (Call call in _graph.Calls)
        {
            if (call.Op is not Epilogued epilogued) continue;
            Value product = call.Outputs[0];
            if (!InSlab(product) || _life[product].Last != _life[product].First) continue;
            Value? result = call.Outputs.Skip(epilogued.ProducerOutputs).Where((o, i) =>
                o.Spec.Bytes == product.Spec.Bytes && !epilogued.Epilogue.Program.ReadsAfter(0, i)).FirstOrDefault();
            if (result is not null) _over[product] = result;
        }
    }

    private bool InSlab(Value value) => value.Kind == ValueKind.Computed && !InVariable.ContainsKey(value) && !Returned.Contains(value);

    private Value Owner(Value value) => _shares.TryGetValue(value, out Value? owner) ? owner : value;

    // Largest first, each at the lowest offset where it overlaps nothing that lives when it does.
    private void Lay()
    {
        var blocks = new List<Block>();
        foreach ((Value value, Life life) in _life)
            if (InSlab(value) && !_shares.ContainsKey(value) && !_over.ContainsKey(value)) blocks.Add(new(value.Spec.Bytes, life, value, null));
        for (int i = 0; i < _graph.Calls.Count; i++)
        {
            Call call = _graph.Calls[i];
            var specs = new Spec[call.Inputs.Length];
            for (int j = 0; j < specs.Length; j++) specs[j] = call.Inputs[j].Spec;
            long bytes = call.Op.Workspace(Specs.Create(specs));
            if (bytes > 0) blocks.Add(new(bytes, new(i, i), null, call));
        }
        // Those of one size in their order.
        for (int i = 0; i < blocks.Count; i++) blocks[i].Number = i;
        blocks.Sort((a, b) => a.Bytes != b.Bytes ? b.Bytes.CompareTo(a.Bytes) : a.Life.First != b.Life.First ? a.Life.First.CompareTo(b.Life.First)
            : a.Number.CompareTo(b.Number));
        var placed = new List<Block>(); // by offset
        foreach (Block block in blocks)
        {
            long at = 0;
            foreach (Block other in placed)
            {
                if (other.Life.First > block.Life.Last || block.Life.First > other.Life.Last) continue;
                if (at + block.Bytes <= other.At) break;
                at = Math.Max(at, (other.End + Alignment - 1) / Alignment * Alignment);
            }
            block.At = at;
            int behind = placed.FindIndex(p => p.At > at);
            placed.Insert(behind < 0 ? placed.Count : behind, block);
            SlabBytes = Math.Max(SlabBytes, block.End);
            if (block.Value is not null) Offsets[block.Value] = at;
            else WorkspaceOffsets[block.Call!] = at;
        }
        foreach ((Value value, Value owner) in _shares) Offsets[value] = Offsets[owner];
    }

    /// <summary>The first call that knows a value, and the last.</summary>
    private sealed record Life(int First, int Last);

    /// <summary>Bytes in the slab, of a value or of a call's working memory.</summary>
    private sealed class Block(long bytes, Life life, Value? value, Call? call)
    {
        public long Bytes => bytes;
        public Life Life => life;
        public Value? Value => value;
        public Call? Call => call;
        public int Number;
        public long At;
        public long End => At + Math.Max(bytes, 1);
    }
}

/// <summary>A variable that gets its new value at the end of a run.</summary>
internal sealed record VariableCopy(Variable Variable, Value From);
