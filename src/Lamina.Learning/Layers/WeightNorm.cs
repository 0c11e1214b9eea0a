using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// A layer whose weight v is used as gain · v / ‖v‖, each output's part by itself, so that its direction and its length are learned apart
/// (Salimans and Kingma, 2016: "Weight normalization"). The gain is ‖v‖ at first, which leaves the layer's result as it was.
/// </summary>
public sealed partial class WeightNorm : Layer
{
    // Added to ‖v‖²: an output whose weights are all zero stays zero, and its gradient finite.
    private const double Epsilon = 1e-12;

    private readonly IWeighted _weighted;

    /// <summary>The norm of a layer's weight.</summary>
    /// <param name="body">A Linear, Conv1d or Conv2d; its own weight holds the direction.</param>
    /// <exception cref="ArgumentException">It is another layer.</exception>
    public WeightNorm(Layer body)
    {
        _weighted = body as IWeighted ?? throw IWeighted.Refusal(body, nameof(body));
        (Body, Gain) = (body, new Parameter(new Norms(_weighted.Weight)));
    }

    /// <summary>The layer that computes.</summary>
    public Layer Body { get; }

    /// <summary>The length of each output's weights, (outputs).</summary>
    public Parameter Gain { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        _weighted.Prepare(x);
        Gain.Ensure([_weighted.Weight.KnownShape!.Value[^1]]);
        Tensor v = _weighted.Weight.Value;
        return _weighted.Apply(x, v * (Gain.Value / Squares(v).Sqrt()));
    }

    private static Tensor Squares(Tensor v) => (v * v).Sum([.. Enumerable.Range(0, v.Rank - 1)]) + Epsilon;

    /// <inheritdoc/>
    public override string ToString() => $"WeightNorm({Body})";

    /// <summary>The norms of a weight, whichever value it has by then.</summary>
    private sealed record Norms(Parameter Weight) : Initializer
    {
        public override Tensor Create(Shape shape, RandomStream random) => Squares(Weight.Value.Keep()).Sqrt().Keep();
    }
}
