namespace Lamina.Tensors.Ops;

/// <summary>
/// The k largest (or smallest) values along an axis, and where each stood (int64). Of equal values the first are taken; NaN counts as the largest.
/// </summary>
public sealed record TopK : RankingOp
{
    public override string Name => "topk";

    /// <summary>Number of elements.</summary>
    public required int K { get; init; }

    /// <summary>Whether to take the largest, rather than the smallest.</summary>
    public bool Largest { get; init; } = true;

    /// <summary>Whether they are given in order, the best first; otherwise as they stood.</summary>
    public bool Sorted { get; init; } = true;

    private protected override bool LargestFirst => Largest;

    private protected override bool InOrder => Sorted;

    private protected override int Kept(int length) => K;
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.TopK"/>
        public (Tensor Values, Tensor Indices) TopK(int k, int axis = -1, bool largest = true, bool sorted = true)
        {
            Tensors results = new TopK { Axis = x.Shape.Axis(axis, "topk"), K = k, Largest = largest, Sorted = sorted }.ApplyAll(x);
            return (results[0], results[1]);
        }
    }
}
