using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, gamma, beta) → each group of neighbouring channels of x (batch, …, channels) brought, image by image, to mean 0
/// and variance 1, times gamma, plus beta (Wu and He, 2018). One group is layer normalisation over a whole image; as
/// many groups as channels is instance normalisation.
/// </summary>
public sealed record GroupNorm : Normalization
{
    public override string Name => "group_norm";

    /// <summary>The number of groups, by which the number of channels can be divided.</summary>
    public required int Groups { get; init; }

    public override bool HasKernel => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Check(x, ["gamma", "beta"]);
        if (Groups < 1 || x[0].Shape[^1] % Groups != 0) Refuse($"{x[0].Shape[^1]} channels of {x[0].Shape} can't be cut into {Groups} groups");
        return x[0];
    }

    public override Tensors Define(Tensors x)
    {
        Shape shape = x[0].Shape;
        if (shape.Count == 0) return x[0] * x[1] + x[2];
        Tensor grouped = x[0].Reshape(shape[0], -1, Groups, shape[^1] / Groups);
        Tensor distance = TensorOps.Centred(grouped, [1, 3]);
        Tensor scale = 1 / ((distance * distance).Mean([1, 3], keepDims: true) + Epsilon).Sqrt();
        return (distance * scale).Reshape(shape) * x[1] + x[2];
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.GroupNorm"/>
        public Tensor GroupNorm(int groups, Tensor gamma, Tensor beta, double epsilon = 1e-5) =>
            new GroupNorm { Groups = groups, Epsilon = epsilon }.Apply(x, gamma, beta);
    }
}
