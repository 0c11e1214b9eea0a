using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>A product, convolution or the like, and the element-wise chain that is run on its result while that is in the cache.</summary>
internal sealed record Epilogued(Op Producer, MapEpilogue Epilogue, int ProducerInputs, int ProducerOutputs, Spec[] Results) : Op
{
    public override string Name => $"{Producer.Name}+";

    public override bool TakesStrides => true;

    public override Specs Infer(Specs x) => Specs.Create(Results);

    public override Tensors Define(Tensors x) => throw new NotSupportedException("it is defined by the ops in it");

    public override long Workspace(Specs x)
    {
        var own = new Spec[ProducerInputs];
        for (int i = 0; i < own.Length; i++) own[i] = x[i];
        return Producer.Workspace(Specs.Create(own));
    }

    public override unsafe void Run(in CpuCall c)
    {
        Epilogue.Bind(c.Outputs[0], c.Inputs[ProducerInputs..], c.Outputs[ProducerOutputs..]);
        ((ITakesEpilogue)Producer).Run(new CpuCall(c.Inputs[..ProducerInputs], c.Outputs[..ProducerOutputs], c.Pool, c.Workspace), Epilogue);
    }
}

/// <summary>
/// Folds the element-wise chain that follows a product, convolution or the like (bias, activation, residual) into its
/// kernel, which runs it block by block on its first result, under that or another shape with the same rows.
/// </summary>
internal static class Epilogues
{
    private const int WideRow = 256;

    public static void Run(PlanGraph graph)
    {
        for (int i = 0; i < graph.Calls.Count; i++)
        {
            Call producer = graph.Calls[i];
            if (producer.Op is not ITakesEpilogue) continue;
            int at = graph.Calls.FindIndex(i + 1, c => Reads(c, producer.Outputs[0]));
            if (at < 0 || !Follows(graph.Calls[at], producer) && !TryCut(graph, at, producer)) continue;
            // The product moves down to the chain, whose other operands are there by then. Where another of its results is
            // needed before (a batch's mean), the chain moves up, if it can.
            bool isNeeded = graph.Calls[(i + 1)..at].Any(c => producer.Outputs.Any(o => Reads(c, o)));
            if (isNeeded && !graph.Calls[at].Inputs.All(x => x.Value.Producer is not { } p || p == producer || graph.Calls.IndexOf(p) < i)) continue;
            graph.Calls[isNeeded ? i : at] = Join(producer, graph.Calls[at]);
            graph.Calls.RemoveAt(isNeeded ? at : i--);
        }
    }

    private static bool Reads(Call call, Value value) => call.Inputs.Any(x => x.Value == value);

    private static bool Follows(Call chain, Call producer)
    {
        Value product = producer.Outputs[0];
        Shape shape = chain.Outputs[0].Spec.Shape;
        // What the product reads may be updated in between; Placement, which comes after, looks at the new order.
        if (chain.Op is not Fused || product.Spec.Shape.Rank < 2 || shape.Rank < 2 || shape.Count != product.Spec.Shape.Count
            || shape[^1] != product.Spec.Shape[^1]) return false;
        // Other matrices that a chain reads or writes (a residual, Adam's moments) would come and go with each block in short
        // runs, every one of which waits for memory: that costs a product more than the trip of its own that it saves.
        bool hasOthers = chain.Outputs.Length > 1 || chain.Inputs.Any(x => x.Value != product && x.Spec.Shape == shape);
        if (hasOthers && (producer.Op is MatMul || shape[^1] > WideRow)) return false;
        foreach (Operand x in chain.Inputs)
            if (x.Value == product ? !(x.IsWhole && x.Spec.Shape == shape) : producer.Outputs.Contains(x.Value)
                || !MapEpilogue.Takes(x.Spec.Shape, x.Strides, shape)) return false;
        return true;
    }

    /// <summary>
    /// Cuts the row that is added to a matrix product off a chain that doesn't follow it: a product does that as it stores its result.
    /// True where the addition, a chain of its own now, has taken the old one's place.
    /// </summary>
    private static bool TryCut(PlanGraph graph, int at, Call producer)
    {
        Call chain = graph.Calls[at];
        Value product = producer.Outputs[0];
        if (producer.Op is not MatMul || chain.Op is not Fused { Program: var old }) return false;
        int read = Array.FindIndex(chain.Inputs, x => x.Value == product), n = Array.FindIndex(old.Instructions, i => i.Reads(read));
        MapInstruction sum = old.Instructions[n];
        if (sum.Op.EpilogueStep != EpilogueStep.Adds || Array.FindLastIndex(old.Instructions, i => i.Reads(read)) != n) return false;
        int row = sum.Sources[0] == read ? sum.Sources[1] : sum.Sources[0];
        if (row == read || row >= old.Operands || chain.Inputs[row].Spec.Shape is not { Rank: > 0 } shape || shape.Count != shape[^1]
            || shape.Count == 1) return false;

        int result = Array.IndexOf(old.Results, sum.First);
        Value value = result >= 0 ? chain.Outputs[result] : new(ValueKind.Computed, new Spec(sum.Results[0], product.Spec.Shape));
        Operand whole = chain.Inputs[read];
        var alone = new Call(new Fused(new(2, [sum with { Sources = [0, 1], First = 2 }], [2]), [value.Spec]), [whole, chain.Inputs[row]], [value],
            chain.Origin);
        if (!Follows(alone, producer)) return false;

        // In what is left the sum is an operand in the product's place, and the row is gone unless something else reads it.
        bool keepsRow = Array.FindLastIndex(old.Instructions, i => i != sum && i.Reads(row)) >= 0;
        int Moved(int number) => number == sum.First ? Moved(read) : number - (!keepsRow && number > row ? 1 : 0) - (number > sum.First ? 1 : 0);
        MapInstruction[] rest = [.. old.Instructions.Where(i => i != sum).Select(i => i with { Sources = AllMoved(i.Sources, Moved), First = Moved(i.First) })];
        Operand[] inputs = [.. chain.Inputs.Select((x, i) => i == read ? whole with { Value = value } : x).Where((x, i) => keepsRow || i != row)];
        Value[] outputs = [.. chain.Outputs.Where(o => o != value)];
        int[] results = AllMoved(result < 0 ? old.Results : [.. old.Results[..result], .. old.Results[(result + 1)..]], Moved);
        var specs = new Spec[outputs.Length];
        for (int i = 0; i < specs.Length; i++) specs[i] = outputs[i].Spec;
        var left = new Call(new Fused(new(inputs.Length, rest, results), specs), inputs, outputs, chain.Origin);
        foreach (Value output in outputs) output.Producer = left;
        value.Producer = alone;
        graph.Calls[at] = left;
        graph.Calls.Insert(at, alone);
        return true;
    }

    private static Call Join(Call producer, Call chain)
    {
        Value product = producer.Outputs[0];
        Operand first = chain.Inputs.First(x => x.Value == product);
        MapProgram program = Reordered(chain, first, out Operand[] others);
        Value[] outputs = [.. producer.Outputs, .. chain.Outputs];
        var specs = new Spec[outputs.Length];
        for (int i = 0; i < specs.Length; i++) specs[i] = outputs[i].Spec;
        var call = new Call(new Epilogued(producer.Op, new MapEpilogue(program), producer.Inputs.Length, producer.Outputs.Length, specs),
            [.. producer.Inputs, .. others], outputs, producer.Origin);
        foreach (Value output in outputs) output.Producer = call;
        return call;
    }

    // The chain's program with the product as operand 0.
    private static MapProgram Reordered(Call chain, Operand product, out Operand[] others)
    {
        Operand[] operands = [product, .. chain.Inputs.Where(x => x != product).Distinct()];
        others = operands[1..];
        MapProgram old = ((Fused)chain.Op).Program;
        int Moved(int value) => value < old.Operands ? Array.IndexOf(operands, chain.Inputs[value]) : value - old.Operands + operands.Length;
        MapInstruction[] instructions = [.. old.Instructions.Select(n => n with { Sources = AllMoved(n.Sources, Moved), First = Moved(n.First) })];
        return new(operands.Length, instructions, AllMoved(old.Results, Moved));
    }

    private static int[] AllMoved(int[] values, Func<int, int> moved)
    {
        var all = new int[values.Length];
        for (int i = 0; i < all.Length; i++) all[i] = moved(values[i]);
        return all;
    }
}
