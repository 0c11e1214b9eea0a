using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Losses;

/// <summary>Predictions of several vectors an example, (batch, vectors, features), as the losses over pairs and triplets take them.</summary>
internal static class Pairs
{
    /// <summary>Number of vectors of a pair.</summary>
    public const int Of = 2;

    /// <summary>The vectors of one kind, (batch, features).</summary>
    public static Tensor At(Tensor prediction, int index) => prediction.Narrow(1, index, 1).Squeeze(1);

    /// <summary>Refuses predictions that aren't so many vectors an example, and targets that aren't one number an example.</summary>
    public static void Require(Loss loss, Tensor prediction, Tensor target, int vectors)
    {
        (Shape p, Shape t) = (prediction.Shape, target.Shape);
        if (p.Rank != 3 || p[1] != vectors)
            throw new TensorException($"{loss}: the prediction has shape {p}, not (batch, {vectors}, features)",
                $"Tensor.Stack of the {vectors} vectors along axis 1");
        if (t.Rank == 1 && t[0] == p[0]) return;
        throw new TensorException($"{loss}: the prediction has shape {p}, the target {t}; it must be ({p[0]}), one number for each example",
            target.Count == p[0] ? "Reshape(-1) on the target" : "a target of one number for each example");
    }
}
