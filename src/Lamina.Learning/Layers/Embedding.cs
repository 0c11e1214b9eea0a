using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// A vector for each of so many things, learned: (…) whole numbers from 0 → (…, width) (Bengio et al., 2003: "A neural
/// probabilistic language model").
/// </summary>
public sealed partial class Embedding : Layer
{
    /// <summary>A table of vectors.</summary>
    /// <param name="count">How many things there are: the numbers go from 0 to one less.</param>
    /// <param name="width">The length of a vector.</param>
    /// <param name="initializer">The vectors' first values; normal with deviation 1 by default.</param>
    /// <param name="padding">The number that stands for nothing: its vector is 0 and isn't learned. Null: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no things, their vectors have no length, or the padding is none of them.</exception>
    public Embedding(int count, int width, Initializer? initializer = null, int? padding = null)
    {
        Weight = new Parameter(initializer ?? new Normal(), [Expect.AtLeast(1, count), Expect.AtLeast(1, width)]);
        if (padding is { } one && (uint)one >= (uint)count) throw new ArgumentOutOfRangeException(nameof(padding), padding,
            $"the padding is a number from 0 to {count - 1}");
        Padding = padding;
    }

    /// <summary>How many things there are.</summary>
    public int Count => Weight.KnownShape?[0] ?? 0;

    /// <summary>The length of a vector.</summary>
    public int Width => Weight.KnownShape?[1] ?? 0;

    /// <summary>The number that stands for nothing, whose vector is 0 whatever the table holds; null: none.</summary>
    public int? Padding { get; }

    /// <summary>(count, width).</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.DType is not (DType.Int32 or DType.Int64)) throw new TensorException($"{this}: the input is {x.DType.Text}, not whole numbers",
            "Cast(DType.Int64) on it");
        Tensor vectors = Weight.Value.Rows(x);
        return Padding is { } padding
            ? Tensor.Where(Tensor.Equal(x, Tensor.Full([], padding, x.DType)).Unsqueeze(-1), Tensor.Full([], 0, vectors.DType), vectors) : vectors;
    }

    /// <summary>
    /// How much each thing is meant by vectors, as a head that shares these weights gives it (tied embeddings: Press and Wolf, 2017):
    /// (batch, steps, width) → (batch, steps, count), x · weightᵀ.
    /// </summary>
    public Tensor Logits(Tensor x) => x.Reshape(x.Shape[0] * x.Shape[1], x.Shape[2]).MatMul(Weight.Value.T).Reshape(x.Shape[0], x.Shape[1], Count);

    /// <inheritdoc/>
    public override string ToString() => Weight.KnownShape is not { } shape ? "Embedding"
        : Padding is { } padding ? $"Embedding({shape[0]}, {shape[1]}, padding {padding})" : $"Embedding({shape[0]}, {shape[1]})";
}
