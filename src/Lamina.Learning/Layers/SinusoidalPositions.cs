using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// Adds to each step's features, (batch, steps, features), what says where it stands: feature 2i gets sin(t / 10000^(2i / features)), feature
/// 2i + 1 the cosine (Vaswani et al., 2017). Nothing is learned, and sequences may be of any length.
/// </summary>
public sealed partial class SinusoidalPositions : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 3) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, steps, features)",
            x.Rank == 2 ? "Unsqueeze(0) for a single sequence" : null);
        int steps = x.Shape[1], features = x.Shape[2];
        float[] values = [.. Enumerable.Range(0, steps * features).Select(i => (float)Value(i / features, i % features, features))];
        Tensor positions = Tensor.From(values, [steps, features]);
        return x + (x.DType == DType.Float32 ? positions : positions.Cast(x.DType));
    }

    /// <summary>Adds it to steps that stand at one position.</summary>
    /// <param name="x">(batch, 1, features).</param>
    /// <param name="position">Their position, an int64 scalar.</param>
    public Tensor At(Tensor x, Tensor position)
    {
        int features = x.Shape[2];
        Tensor at = position.Cast(DType.Float64);
        Tensor angles = at * Tensor.From([.. Enumerable.Range(0, features).Select(i => Frequency(i, features))]);
        Tensor isSine = Tensor.From([.. Enumerable.Range(0, features).Select(i => i % 2 == 0)], [features]);
        return x + Tensor.Where(isSine, angles.Sin(), angles.Cos()).Cast(x.DType);
    }

    private static double Value(int step, int feature, int features) =>
        feature % 2 == 0 ? Math.Sin(step * Frequency(feature, features)) : Math.Cos(step * Frequency(feature, features));

    private static double Frequency(int feature, int features) => Math.Pow(10_000, -(double)(feature / 2 * 2) / features);

    /// <inheritdoc/>
    public override string ToString() => "SinusoidalPositions";
}
