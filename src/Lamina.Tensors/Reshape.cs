using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>The same elements in the same order under another shape. Costs nothing where the operand is compact.</summary>
public sealed record Reshape : ViewOp
{
    /// <inheritdoc/>
    public override string Name => "reshape";

    /// <summary>The new shape.</summary>
    public required Shape Shape { get; init; }

    /// <inheritdoc/>
    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        if (x[0].Shape.Count != Shape.Count) Refuse($"{x[0].Shape} has {x[0].Shape.Count} elements, {Shape} has {Shape.Count}",
            $"sizes whose product is {x[0].Shape.Count}; one of them may be -1, which is worked out");
        return x[0] with { Shape = Shape };
    }

    /// <inheritdoc/>
    public override Tensors Define(Tensors x) => Tensor.FromBytes(x[0].ReadBytes(), x[0].Spec with { Shape = Shape });

    /// <inheritdoc/>
    public override Grads Gradient(in GradCall g) => new Reshape { Shape = g[0].Shape }.Apply(g.By);

    /// <inheritdoc/>
    protected override bool TryView(Shape from, Strides strides, Shape to, out Strides result, out int offset)
    {
        offset = 0;
        result = Strides.Compact(to);
        return strides.IsCompact(from) || TrySqueeze(from, strides, to, out result);
    }

    // Putting in or taking out axes of size 1 needs no copy whatever the strides.
    private static bool TrySqueeze(Shape from, Strides strides, Shape to, out Strides result)
    {
        Span<int> steps = stackalloc int[to.Rank];
        result = default;
        int i = 0;
        for (int j = 0; j < to.Rank; j++)
        {
            if (to[j] == 1) continue;
            while (i < from.Rank && from[i] == 1) i++;
            if (i == from.Rank || from[i] != to[j]) return false;
            steps[j] = strides[i++];
        }
        result = new(steps);
        return true;
    }
}
