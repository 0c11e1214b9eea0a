using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// The elements of every example under another shape, such as <c>new ReshapeTo(28, 28, 1)</c>; one size may be −1, to be worked out. Costs nothing.
/// </summary>
public sealed partial class ReshapeTo : Layer
{
    private readonly int[] _sizes;

    /// <summary>The sizes of an example's axes, without the batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1 and not the only −1.</exception>
    public ReshapeTo(params ReadOnlySpan<int> sizes)
    {
        _sizes = sizes.ToArray();
        if (sizes.Count(-1) > 1 || sizes.ContainsAnyInRange(int.MinValue, -2) || sizes.Contains(0))
            throw new ArgumentOutOfRangeException(nameof(sizes), $"({string.Join(", ", _sizes)}): sizes are 1 or more, and one may be −1");
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank == 0) throw new TensorException("ReshapeTo: the input is a scalar, not (batch, …)");
        int batch = x.Shape[0], example = 1, known = 1;
        foreach (int size in x.Shape.Span[1..]) example *= size;
        foreach (int size in _sizes) known *= Math.Abs(size);
        if (_sizes.Contains(-1) ? example % known != 0 : example != known)
            throw new TensorException($"{this}: an example of {x.Shape} has {example} elements, which don't fill ({string.Join(", ", _sizes)})",
                $"sizes whose product is {example}; one of them may be -1, which is worked out");
        int[] sizes = [batch, .. _sizes.Select(size => size == -1 ? example / known : size)];
        return x.Reshape(new Shape(sizes));
    }

    /// <inheritdoc/>
    public override string ToString() => $"ReshapeTo({string.Join(", ", _sizes)})";
}
