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
        if (prediction.Rank != 3 || prediction.Shape[1] != vectors)
            throw new TensorException($"{loss}: the prediction has shape {prediction.Shape}, not (batch, {vectors}, features)",
                $"Tensor.Stack of the {vectors} vectors along axis 1");
        if (target.Rank < 1 || target.Shape[0] != prediction.Shape[0] || target.Count != prediction.Shape[0])
            throw new TensorException($"{loss}: the prediction has shape {prediction.Shape}, the target {target.Shape}; it must be ({prediction.Shape[0]}), one number for each example",
                target.Rank == 0 ? "Unsqueeze(0) on the target" : "a target of one number for each example");
        if (target.Rank != 1) throw new TensorException($"{loss}: the target has shape {target.Shape}, not ({prediction.Shape[0]})", "Reshape(-1) on the target");
    }
}
