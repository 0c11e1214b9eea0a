namespace Lamina.Tensors;

/// <summary>A call that was made: the op, what went in and what came out. Gradients walk these backwards.</summary>
internal sealed class Node(Op op, Tensor[] inputs, Tensor[] outputs, object? module)
{
    public readonly Op Op = op;
    public readonly Tensor[] Inputs = inputs;
    public readonly Tensor[] Outputs = outputs;

    /// <summary>The module in whose forward pass it was made, where a tracer knows.</summary>
    public readonly object? Module = module;
}

internal static class Nodes
{
    /// <summary>Whether a tensor is the result of such an op, where that was noted, seen in whatever way.</summary>
    public static bool ComesFrom<TOp>(this Tensor tensor) where TOp : Op
    {
        while (tensor.Node is { Op: ViewOp } view) tensor = view.Inputs[0];
        return tensor.Node?.Op is TOp;
    }
}

/// <summary>Everything an op needs to give the gradients of its operands.</summary>
/// <param name="Inputs">The operands.</param>
/// <param name="Outputs">The results.</param>
/// <param name="Upstream">The gradient of the loss by each result; zeros where a result was not used.</param>
/// <param name="Wanted">For each operand, whether its gradient is needed.</param>
public readonly record struct GradCall(Tensors Inputs, Tensors Outputs, Tensors Upstream, bool[] Wanted)
{
    /// <summary>The gradient by the first result, the usual case.</summary>
    public Tensor By => Upstream[0];

    /// <summary>The only or first result.</summary>
    public Tensor Output => Outputs[0];

    /// <summary>An operand.</summary>
    public Tensor this[int index] => Inputs[index];

    /// <summary>Whether an operand's gradient is needed.</summary>
    public bool Wants(int index) => Wanted[index];
}
