namespace Lamina.Tensors.Plans;

/// <summary>Takes out calls that are made twice, and calls whose results nobody uses.</summary>
internal static class Simplify
{
    public static void Run(PlanGraph graph)
    {
        RemoveRepeated(graph);
        RemoveUnused(graph);
    }

    // Records are values: two calls are the same where the op and the operands are equal.
    private static void RemoveRepeated(PlanGraph graph)
    {
        var seen = new Dictionary<Key, Call>();
        var same = new Dictionary<Value, Value>();
        var scalars = new Dictionary<Bits, Value>();
        var calls = new List<Call>(graph.Calls.Count);
        foreach (Call call in graph.Calls)
        {
            for (int i = 0; i < call.Inputs.Length; i++) call.Inputs[i] = Replaced(call.Inputs[i]);
            var key = new Key(call.Op, call.Inputs);
            if (seen.TryGetValue(key, out Call? first))
            {
                for (int i = 0; i < call.Outputs.Length; i++) same[call.Outputs[i]] = first.Outputs[i];
                continue;
            }
            seen.Add(key, call);
            calls.Add(call);
        }
        graph.Calls = calls;
        for (int i = 0; i < graph.Results.Length; i++) graph.Results[i] = Replaced(graph.Results[i]);
        for (int i = 0; i < graph.Updates.Count; i++) graph.Updates[i] = new(graph.Updates[i].Variable, Replaced(graph.Updates[i].Value));

        Operand Replaced(Operand operand)
        {
            Value value = operand.Value;
            if (value.Constant is { Count: 1 } scalar)
            {
                ulong bits = 0;
                scalar.ReadBytes().CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<ulong>(ref bits)));
                var known = new Bits(scalar.DType, bits);
                if (!scalars.TryGetValue(known, out Value? shared)) scalars[known] = shared = value;
                return operand with { Value = shared };
            }
            return same.TryGetValue(value, out Value? replacement) ? operand with { Value = replacement } : operand;
        }
    }

    private static void RemoveUnused(PlanGraph graph)
    {
        var needed = new HashSet<Value>(graph.Roots);
        var kept = new List<Call>();
        for (int i = graph.Calls.Count - 1; i >= 0; i--)
        {
            Call call = graph.Calls[i];
            if (!call.Outputs.Any(needed.Contains)) continue;
            foreach (Operand input in call.Inputs) needed.Add(input.Value);
            kept.Add(call);
        }
        kept.Reverse();
        graph.Calls = kept;
    }

    private sealed record Bits(Shapes.DType Type, ulong Value);

    private sealed class Key(Op op, Operand[] inputs) : IEquatable<Key>
    {
        private readonly Op _op = op;
        private readonly Operand[] _inputs = inputs;

        public bool Equals(Key? other) => other is not null && _op.Equals(other._op) && _inputs.AsSpan().SequenceEqual(other._inputs);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            int hash = _op.GetHashCode();
            foreach (Operand input in _inputs) hash = HashCode.Combine(hash, input.Value, input.ByteOffset, input.Spec.Shape);
            return hash;
        }
    }
}
