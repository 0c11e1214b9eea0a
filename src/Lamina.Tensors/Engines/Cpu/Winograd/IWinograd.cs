using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;

namespace Lamina.Tensors.Engines.Cpu.Winograd;

/// <summary>
/// One of Winograd's minimal filterings as a convolution uses it (Winograd, 1980; Lavin and Gray, 2015: "Fast algorithms for
/// convolutional neural networks"). Tiles y of the result come from windows d of the image and weights g by
/// y = Aᵀ · [Σ over channels (G·g) ⊙ (Bᵀ·d)] · A: the sum over channels is a matrix product for each element of the transform
/// (a plane). The gradient of the weights is Gᵀ · [Σ over tiles (Bᵀ·d) ⊙ (A·dy)] · G, that of the image the sum over tiles of
/// B · [Σ over channels (G·g) ⊙ (A·dy)] · Bᵀ. All interpolate at the points 0, ∞, a, −a, b, −b; planes come in that order, row
/// after row; F(2, 3) has 1 and −1 instead of the last four. All transforms run over vectors of channels.
/// </summary>
internal unsafe interface IWinograd
{
    static abstract int Planes { get; }
    /// <summary>Planes come in groups, which a kernel can compute by themselves.</summary>
    static abstract int Groups { get; }
    /// <summary>Rows of a tile, and of the window that it sees.</summary>
    static abstract int TileRows { get; }
    static abstract int TileColumns { get; }
    static abstract int WindowRows { get; }
    /// <summary>Weights of a pair of channels.</summary>
    static abstract int Taps { get; }
    /// <summary>Multiply-adds that a transform costs for each element of the planes.</summary>
    static abstract int TransformCost { get; }
    /// <summary>Whether a result is made of its own window alone; if not, roundings and NaN of a tile's whole window get into it.</summary>
    static abstract bool IsLocal { get; }
    /// <summary>
    /// Planes of Bᵀ · d in which anything out of the ordinary shows that results would get which don't see it; the same of A · dy,
    /// and of G · g for each weight.
    /// </summary>
    static abstract ReadOnlySpan<byte> WatchedOfWindow { get; }
    static abstract ReadOnlySpan<byte> WatchedOfGradient { get; }
    static abstract ReadOnlySpan<byte> WatchedOfWeights { get; }

    /// <summary>The group's planes of Bᵀ · d.</summary>
    static abstract void Window<V>(int group, in PatchRun run) where V : struct, ILanes<V>;
    /// <summary>The group's planes of A · dy.</summary>
    static abstract void Gradient<V>(int group, in PatchRun run) where V : struct, ILanes<V>;
    /// <summary>Adds B · planes to the windows, which overlap.</summary>
    static abstract void WindowGradient<V>(in PatchRun run) where V : struct, ILanes<V>;
    /// <summary>Tiles of y = Aᵀ · planes.</summary>
    static abstract void Result<V>(in PatchRun run) where V : struct, ILanes<V>;
    /// <summary>
    /// G · g for rows of weights: tap t has its row at t · <paramref name="tap"/>, each <paramref name="columns"/> long,
    /// padded with zeros to whole vectors in the planes.
    /// </summary>
    static abstract void Weights<V>(float* from, nint tap, int columns, float* to, nint plane) where V : struct, ILanes<V>;
    /// <summary>Gᵀ · planes for a row of weights; a plane is the sum of <paramref name="parts"/> rows, each a part's pitch behind the last.</summary>
    static abstract void WeightGradient<V>(float* from, nint plane, int parts, nint part, int columns, float* to, nint tap) where V : struct, ILanes<V>;
}
