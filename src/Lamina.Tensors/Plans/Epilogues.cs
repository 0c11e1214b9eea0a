using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>A product or convolution, and the element-wise chain that is run on its result while that is in the cache.</summary>
internal sealed record Epilogued(Op Producer, MapEpilogue Epilogue, int ProducerInputs, Spec[] Results) : Op
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
        Epilogue.Bind(c.Outputs[0], c.Inputs[ProducerInputs..], c.Outputs[1..]);
        ((ITakesEpilogue)Producer).Run(new CpuCall(c.Inputs[..ProducerInputs], c.Outputs[..1], c.Pool, c.Workspace), Epilogue);
    }
}

/// <summary>
/// Folds the element-wise chain that follows a product or convolution (bias, activation, residual) into its kernel,
/// which runs it block by block. The chain moves up to the product, so nothing else it reads may depend on the product.
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
            Value product = producer.Outputs[0];
            int at = graph.Calls.FindIndex(i + 1, c => c.Inputs.Any(x => x.Value == product));
            if (at < 0 || !Follows(producer, graph.Calls[at], product)) continue;
            graph.Calls[at] = Join(producer, graph.Calls[at]);
            graph.Calls.RemoveAt(i--);
        }
    }

    // The product moves down to the chain, so nobody in between may need it: the chain is its first reader. What else
    // the chain reads is then there already.
    private static bool Follows(Call producer, Call chain, Value product)
    {
        if (chain.Op is not Fused) return false;
        // The chain may see the product's axes but the last as one.
        Shape shape = chain.Outputs[0].Spec.Shape;
        if (shape.Rank == 0 || product.Spec.Shape.Rank == 0 || shape.Count != product.Spec.Shape.Count || shape[^1] != product.Spec.Shape[^1]) return false;
        // Other matrices that a chain reads or writes (a residual, Adam's moments) would come and go with each block in short
        // stretches, every one of which waits for memory: that costs a product more than the trip of its own that it saves.
        bool hasOthers = chain.Outputs.Length > 1 || chain.Inputs.Any(x => x.Value != product && x.Spec.Shape == shape);
        if (hasOthers && (producer.Op is MatMul || shape[^1] > WideRow)) return false;
        foreach (Operand x in chain.Inputs)
            if (x.Value == product ? !(x.IsWhole && x.Spec.Shape == shape) : !MapEpilogue.Takes(x.Spec.Shape, x.Strides, shape)) return false;
        // What the product reads may be updated in between; Placement, which comes after, looks at the new order.
        return product.Spec.Shape.Rank >= 2;
    }

    private static Call Join(Call producer, Call chain)
    {
        Value product = producer.Outputs[0];
        Operand first = chain.Inputs.First(x => x.Value == product);
        MapProgram program = Reordered(chain, first, out Operand[] others);
        Value[] outputs = [product, .. chain.Outputs];
        Spec[] specs = [.. outputs.Select(o => o.Spec)];
        var call = new Call(new Epilogued(producer.Op, new MapEpilogue(program), producer.Inputs.Length, specs), [.. producer.Inputs, .. others], outputs);
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
        MapInstruction[] instructions = [.. old.Instructions.Select(n => n with { Sources = [.. n.Sources.Select(Moved)], First = Moved(n.First) })];
        return new(operands.Length, instructions, [.. old.Results.Select(Moved)]);
    }
}
