using System.Collections;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Joins element-wise calls over one shape, where one reads what the other computes, into single calls: values between
/// them never leave the cache. A group runs as a unit, so it may not depend on anything that depends on it.
/// </summary>
internal static class Fusion
{
    private const int MostInstructions = 48, MostOperands = 24;

    public static void Run(Graph graph)
    {
        List<Call> calls = graph.Calls;
        var index = new Dictionary<Call, int>();
        for (int i = 0; i < calls.Count; i++) index[calls[i]] = i;
        var groups = new Groups(calls.Count);
        for (int i = 0; i < calls.Count; i++)
        {
            Call call = calls[i];
            int[] producers = [.. call.Inputs.Where(x => x.Value.Producer is not null).Select(x => index[x.Value.Producer!]).Distinct()];
            groups.Add(i, producers);
            if (!IsMap(call)) continue;
            foreach (Operand input in call.Inputs)
                if (input.Value.Producer is { } producer && IsMap(producer) && input.Spec.Shape == call.Outputs[0].Spec.Shape && Fits([.. groups.Members(i).Union(groups.Members(index[producer]))], calls))
                    groups.TryMerge(i, index[producer]);
        }
        graph.Calls = [.. groups.InOrder().Select(members => members.Length == 1 && !IsMap(calls[members[0]]) ? calls[members[0]] : Join([.. members.Select(m => calls[m])], graph))];
    }

    private static bool IsMap(Call call) => call.Op is ITileOp && call.Outputs[0].Spec.Shape.Count > 0;

    private static bool Fits(int[] members, List<Call> calls)
    {
        if (members.Length > MostInstructions) return false;
        var inside = new HashSet<Value>(members.SelectMany(i => calls[i].Outputs));
        var outside = new HashSet<Operand>();
        foreach (Operand input in members.SelectMany(i => calls[i].Inputs))
            // What a member computes, another may read only element for element.
            if (!inside.Contains(input.Value)) outside.Add(input);
            else if (!input.IsWhole || input.Spec.Shape != input.Value.Spec.Shape) return false;
        return outside.Count <= MostOperands;
    }

    private static Call Join(Call[] members, Graph graph)
    {
        var inside = new HashSet<Call>(members);
        var operands = new List<Operand>();
        var number = new Dictionary<Value, int>();
        foreach (Operand input in members.SelectMany(m => m.Inputs))
            if ((input.Value.Producer is not { } producer || !inside.Contains(producer)) && !operands.Contains(input)) operands.Add(input);
        var instructions = new MapInstruction[members.Length];
        int values = operands.Count;
        for (int i = 0; i < members.Length; i++)
        {
            Call member = members[i];
            int[] sources = [.. member.Inputs.Select(x => x.Value.Producer is { } producer && inside.Contains(producer) ? number[x.Value] : operands.IndexOf(x))];
            instructions[i] = new((ITileOp)member.Op, sources, values, [.. member.Inputs.Select(x => x.Spec.DType)], [.. member.Outputs.Select(o => o.Spec.DType)]);
            foreach (Value output in member.Outputs) number[output] = values++;
        }
        var leaving = new HashSet<Value>(graph.Roots.Concat(graph.Calls.Where(c => !inside.Contains(c)).SelectMany(c => c.Inputs).Select(x => x.Value)));
        Value[] results = [.. members.SelectMany(m => m.Outputs).Where(leaving.Contains)];
        var program = new MapProgram(operands.Count, instructions, [.. results.Select(r => number[r])]);
        var call = new Call(new Fused(program, [.. results.Select(r => r.Spec)]), [.. operands], results);
        foreach (Value result in results) result.Producer = call;
        return call;
    }

    /// <summary>Groups of calls and what each depends on, directly or not.</summary>
    private sealed class Groups(int count)
    {
        private readonly int[] _group = [.. Enumerable.Repeat(-1, count)];
        private readonly List<int>[] _members = new List<int>[count];
        private readonly BitArray[] _needs = new BitArray[count]; // by group, the calls it needs; none of its own
        private readonly int[][] _producers = new int[count][];

        public IEnumerable<int> Members(int call) => _members[_group[call]];

        public void Add(int call, int[] producers)
        {
            _group[call] = call;
            _members[call] = [call];
            _producers[call] = producers;
            var needs = new BitArray(count);
            foreach (int producer in producers) AddWithNeeds(needs, _group[producer]);
            _needs[call] = needs;
        }

        public void TryMerge(int call, int other)
        {
            int a = _group[call], b = _group[other];
            if (a == b) return;
            // Anything outside the two that one of them needs must not need either of them.
            foreach (int member in _members[a].Concat(_members[b]))
                foreach (int producer in _producers[member])
                {
                    int g = _group[producer];
                    if (g != a && g != b && (_needs[g][_members[a][0]] || _needs[g][_members[b][0]])) return;
                }
            _members[b].AddRange(_members[a]);
            _members[b].Sort();
            foreach (int member in _members[b]) _group[member] = b;
            BitArray needs = _needs[b].Or(_needs[a]);
            foreach (int member in _members[b]) needs[member] = false;
            for (int g = 0; g < count; g++)
            {
                if (_members[g] is null || _group[g] != g || g == b) continue;
                if (_needs[g][_members[b][0]] || _members[b].Any(m => _needs[g][m])) AddWithNeeds(_needs[g], b);
            }
        }

        /// <summary>The groups, each after those that it needs, otherwise by their last call.</summary>
        public IEnumerable<int[]> InOrder()
        {
            var waiting = new Dictionary<int, int>();
            var users = new Dictionary<int, List<int>>();
            var ready = new PriorityQueue<int, int>();
            foreach (int g in _group.Distinct())
            {
                int[] needed = [.. _members[g].SelectMany(m => _producers[m]).Select(p => _group[p]).Where(p => p != g).Distinct()];
                waiting[g] = needed.Length;
                foreach (int n in needed) (users.TryGetValue(n, out List<int>? list) ? list : users[n] = []).Add(g);
                if (needed.Length == 0) ready.Enqueue(g, _members[g][^1]);
            }
            while (ready.TryDequeue(out int g, out _))
            {
                yield return [.. _members[g]];
                foreach (int user in users.GetValueOrDefault(g, []))
                    if (--waiting[user] == 0) ready.Enqueue(user, _members[user][^1]);
            }
        }

        private void AddWithNeeds(BitArray needs, int group)
        {
            needs.Or(_needs[group]);
            foreach (int member in _members[group]) needs[member] = true;
        }
    }
}
