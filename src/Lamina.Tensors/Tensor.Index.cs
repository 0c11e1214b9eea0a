using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

public sealed partial class Tensor
{
    /// <summary>Ranges of the outermost axes, such as <c>x[0..5, ^1..]</c>: a view; the axes that follow are kept whole.</summary>
    /// <exception cref="TensorException">A range reaches beyond its axis, or there are more ranges than axes.</exception>
    [System.Runtime.CompilerServices.IndexerName("Part")]
    public Tensor this[params ReadOnlySpan<Range> ranges]
    {
        get
        {
            if (ranges.Length > Rank) throw new TensorException($"{ranges.Length} ranges for shape {Shape}, which has {Rank} axes");
            Span<int> starts = stackalloc int[Rank], sizes = stackalloc int[Rank], steps = stackalloc int[Rank];
            steps.Fill(1);
            for (int i = 0; i < sizes.Length; i++)
            {
                Range range = i < ranges.Length ? ranges[i] : Range.All;
                starts[i] = range.Start.GetOffset(Shape[i]);
                sizes[i] = range.End.GetOffset(Shape[i]) - starts[i];
                if (starts[i] < 0 || sizes[i] < 0 || starts[i] + sizes[i] > Shape[i])
                    throw new TensorException($"range {range} of axis {i} of {Shape}: there are {Shape[i]} indices");
            }
            return new Slice { Start = new(starts), Size = new(sizes), Step = new(steps) }.Apply(this);
        }
    }

    /// <summary>One index of the outermost axis, which is dropped; <c>^1</c> is the last.</summary>
    /// <exception cref="TensorException">There is no such index.</exception>
    [System.Runtime.CompilerServices.IndexerName("Part")]
    public Tensor this[Index index]
    {
        get
        {
            if (Rank == 0) throw new TensorException("a scalar has no axis to take an index of");
            int at = index.GetOffset(Shape[0]);
            if (at < 0 || at >= Shape[0]) throw new TensorException($"index {index} of axis 0 of {Shape}: there are {Shape[0]} indices");
            Span<int> starts = stackalloc int[Rank], steps = stackalloc int[Rank];
            steps.Fill(1);
            starts[0] = at;
            Tensor row = new Slice { Start = new(starts), Size = Shape.With(0, 1), Step = new(steps) }.Apply(this);
            return new Reshape { Shape = Shape.Without(0) }.Apply(row);
        }
    }
}
