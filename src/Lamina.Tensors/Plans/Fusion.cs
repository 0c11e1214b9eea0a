using System.Collections;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Joins element-wise calls over one shape, where one reads what the other computes, into single calls: values between
/// them never leave the cache. A group runs as a unit, so it may not depend on anything that depends on it.
/// Calls and groups are queried, numbers and specs looped over, for the reason that <see cref="PlanGraph"/> gives.
/// </summary>
internal static class Fusion
{
    private const int MostInstructions = 48, MostOperands = 24;

    public static void Run(PlanGraph graph)
    {
        List<Call> calls = graph.Calls;
        var groups = new Groups(calls);
        for (int i = 0; i < calls.Count; i++)
        {
            Group group = groups.Add(i);
            Call call = calls[i];
            if (!IsMap(call)) continue;
            foreach (Operand input in call.Inputs)
            {
                if (input.Value.Producer is not { } producer || !IsMap(producer) || input.Spec.Shape != call.Outputs[0].Spec.Shape) continue;
                Group other = groups.Of(producer);
                if (other != group && Fits(group.Calls.Concat(other.Calls)) && groups.TryMerge(group, other)) group = other;
            }
        }
        List<Group> order = groups.InOrder();
        var readers = new Readers(graph);
        graph.Calls = [.. order.Select(g => g.Calls.Count == 1 && !IsMap(g.Calls[0]) ? g.Calls[0] : Join(g.Calls, readers))];
    }

    private static bool IsMap(Call call) => call.Op is ITileOp && call.Outputs[0].Spec.Shape.Count > 0;

    private static bool Fits(IEnumerable<Call> members)
    {
        if (members.Count() > MostInstructions) return false;
        var inside = new HashSet<Value>(members.SelectMany(m => m.Outputs));
        var outside = new HashSet<Operand>();
        foreach (Operand input in members.SelectMany(m => m.Inputs))
            // What a member computes, another may read only element for element.
            if (!inside.Contains(input.Value)) outside.Add(input);
            else if (!input.IsWhole || input.Spec.Shape != input.Value.Spec.Shape) return false;
        return outside.Count <= MostOperands;
    }

    private static Call Join(List<Call> members, Readers readers)
    {
        var inside = new HashSet<Call>(members);
        var operands = new List<Operand>();
        var number = new Dictionary<Value, int>();
        foreach (Operand input in members.SelectMany(m => m.Inputs))
            if ((input.Value.Producer is not { } producer || !inside.Contains(producer)) && !operands.Contains(input)) operands.Add(input);
        var instructions = new List<MapInstruction>(members.Count);
        int values = operands.Count;
        for (int i = 0; i < members.Count; i++)
        {
            Call member = members[i];
            if (number.ContainsKey(member.Outputs[0])) continue;
            var sources = new int[member.Inputs.Length];
            var types = new DType[sources.Length];
            for (int j = 0; j < sources.Length; j++)
            {
                Operand x = member.Inputs[j];
                sources[j] = x.Value.Producer is { } producer && inside.Contains(producer) ? number[x.Value] : operands.IndexOf(x);
                types[j] = x.Spec.DType;
            }
            var op = (ITileOp)member.Op;
            Value[] outputs = member.Outputs;
            for (int j = i + 1; j < members.Count; j++)
            {
                if (op.With((ITileOp)members[j].Op) is not { } both || !member.Inputs.SequenceEqual(members[j].Inputs)) continue;
                (op, outputs) = (both, [.. outputs, .. members[j].Outputs]);
                break;
            }
            var made = new DType[outputs.Length];
            for (int j = 0; j < made.Length; j++) made[j] = outputs[j].Spec.DType;
            instructions.Add(new(op, sources, values, types, made));
            foreach (Value output in outputs) number[output] = values++;
        }
        Value[] results = [.. members.SelectMany(m => m.Outputs).Where(v => readers.IsNeededOutside(v, inside))];
        var numbers = new int[results.Length];
        var specs = new Spec[results.Length];
        for (int i = 0; i < results.Length; i++) (numbers[i], specs[i]) = (number[results[i]], results[i].Spec);
        var call = new Call(new Fused(new MapProgram(operands.Count, [.. instructions], numbers), specs), [.. operands], results, members[0].Origin);
        foreach (Value result in results) result.Producer = call;
        return call;
    }

    /// <summary>Which calls read each value: collected once, or each group would look through the whole graph.</summary>
    private sealed class Readers
    {
        private readonly HashSet<Value> _roots;
        private readonly Dictionary<Value, List<Call>> _of = [];

        public Readers(PlanGraph graph)
        {
            _roots = [.. graph.Roots];
            foreach (Call call in graph.Calls)
                foreach (Operand input in call.Inputs)
                {
                    if (!_of.TryGetValue(input.Value, out List<Call>? calls)) _of[input.Value] = calls = [];
                    calls.Add(call);
                }
        }

        /// <summary>Whether a value leaves the graph or is read by other calls than these.</summary>
        public bool IsNeededOutside(Value value, HashSet<Call> inside)
        {
            if (_roots.Contains(value)) return true;
            if (!_of.TryGetValue(value, out List<Call>? calls)) return false;
            foreach (Call call in calls)
                if (!inside.Contains(call)) return true;
            return false;
        }
    }

    /// <summary>Calls that run as one, in their order, and all others that they need, directly or not.</summary>
    private sealed class Group(int calls)
    {
        public List<int> Numbers { get; } = [];
        public List<Call> Calls { get; } = [];
        public BitArray Needs { get; } = new(calls);

        /// <summary>The groups that need this one directly, and how many of those that it needs are still to come: for putting them in order.</summary>
        public List<Group> Users { get; } = [];
        public int Waits { get; set; }

        public bool IsNeededBy(Group other)
        {
            foreach (int call in Numbers)
                if (other.Needs[call]) return true;
            return false;
        }

        public void Need(Group other)
        {
            Needs.Or(other.Needs);
            foreach (int call in other.Numbers) Needs[call] = true;
        }
    }

    /// <summary>All groups of a graph.</summary>
    private sealed class Groups(List<Call> calls)
    {
        private readonly Dictionary<Call, int> _number = [];
        private readonly Group[] _group = new Group[calls.Count];
        private readonly List<Group> _all = [];

        public Group Of(Call call) => _group[_number[call]];

        /// <summary>A group of its own for the next call.</summary>
        public Group Add(int call)
        {
            var group = new Group(calls.Count);
            group.Numbers.Add(call);
            group.Calls.Add(calls[call]);
            _number.Add(calls[call], call);
            _group[call] = group;
            _all.Add(group);
            foreach (Group needed in Needed(group)) group.Need(needed);
            return group;
        }

        /// <summary>The groups that one needs directly.</summary>
        private HashSet<Group> Needed(Group group)
        {
            var needed = new HashSet<Group>();
            foreach (Call call in group.Calls)
                foreach (Operand input in call.Inputs)
                    if (input.Value.Producer is { } producer) needed.Add(Of(producer));
            needed.Remove(group);
            return needed;
        }

        /// <summary>Makes the later group part of the other one, unless something outside needs one of them and is needed by one.</summary>
        public bool TryMerge(Group group, Group other)
        {
            foreach (Group needed in Needed(group).Concat(Needed(other)))
                if (needed != group && needed != other && (group.IsNeededBy(needed) || other.IsNeededBy(needed))) return false;
            other.Numbers.AddRange(group.Numbers);
            other.Numbers.Sort();
            other.Calls.Clear();
            foreach (int call in other.Numbers)
            {
                other.Calls.Add(calls[call]);
                _group[call] = other;
            }
            other.Needs.Or(group.Needs);
            foreach (int call in other.Numbers) other.Needs[call] = false;
            _all.RemoveAt(_all.LastIndexOf(group)); // nearly always the latest
            foreach (Group third in _all)
                // A group whose calls all come before the other's needs none of them: in a deep network nearly all are such.
                if (third != other && third.Numbers[^1] > other.Numbers[0] && other.IsNeededBy(third)) third.Need(other);
            return true;
        }

        /// <summary>The groups, each after those that it needs, otherwise by their last call.</summary>
        public List<Group> InOrder()
        {
            List<Group> order = [], ready = [];
            foreach (Group group in _all)
            {
                HashSet<Group> needed = Needed(group);
                group.Waits = needed.Count;
                foreach (Group one in needed) one.Users.Add(group);
                if (needed.Count == 0) ready.Add(group);
            }
            while (ready.Count > 0)
            {
                Group next = ready[0];
                foreach (Group group in ready)
                    if (group.Numbers[^1] < next.Numbers[^1]) next = group;
                ready.Remove(next);
                order.Add(next);
                foreach (Group user in next.Users)
                    if (--user.Waits == 0) ready.Add(user);
            }
            return order;
        }
    }
}
