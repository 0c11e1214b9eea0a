using Lamina.Tensors.Engines.Cpu;
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

    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Calls.Count; i++)
        {
            Call producer = graph.Calls[i];
            if (producer.Op is not ITakesEpilogue) continue;
            int at = graph.Calls.FindIndex(i + 1, c => Reads(c, producer.Outputs[0]));
            if (at < 0 || !Follows(graph.Calls[at], producer)) continue;
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
        if (chain.Op is not Fused || product.Spec.Shape.Rank < 2 || shape.Rank < 2 || shape.Count != product.Spec.Shape.Count || shape[^1] != product.Spec.Shape[^1]) return false;
        // Other matrices that a chain reads or writes (a residual, Adam's moments) would come and go with each block in short
        // stretches, every one of which waits for memory: that costs a product more than the trip of its own that it saves.
        bool hasOthers = chain.Outputs.Length > 1 || chain.Inputs.Any(x => x.Value != product && x.Spec.Shape == shape);
        if (hasOthers && (producer.Op is MatMul || shape[^1] > WideRow)) return false;
        foreach (Operand x in chain.Inputs)
            if (x.Value == product ? !(x.IsWhole && x.Spec.Shape == shape) : producer.Outputs.Contains(x.Value) || !MapEpilogue.Takes(x.Spec.Shape, x.Strides, shape)) return false;
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
        var call = new Call(new Epilogued(producer.Op, new MapEpilogue(program), producer.Inputs.Length, producer.Outputs.Length, specs), [.. producer.Inputs, .. others], outputs);
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
        int[] AllMoved(int[] values)
        {
            var moved = new int[values.Length];
            for (int i = 0; i < moved.Length; i++) moved[i] = Moved(values[i]);
            return moved;
        }
        MapInstruction[] instructions = [.. old.Instructions.Select(n => n with { Sources = AllMoved(n.Sources), First = Moved(n.First) })];
        return new(operands.Length, instructions, AllMoved(old.Results));
    }
}
