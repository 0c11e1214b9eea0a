using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Layers;

/// <summary>
/// t · body(x) + (1 − t) · x with the gate t = σ(x · weight + bias): at each position and for each feature the network learns how much of
/// the body's result replaces the input (Srivastava, Greff and Schmidhuber, 2015: "Highway networks"). Takes (…, features).
/// </summary>
public sealed partial class Highway : Layer
{
    private readonly double _gateBias;

    /// <summary>A highway around <paramref name="body"/>.</summary>
    /// <param name="body">Layers whose output has the input's shape, such as a Linear and a Relu.</param>
    /// <param name="gateBias">The gate's bias at first; below 0 the input passes at the start, as the paper advises for deep networks.</param>
    /// <param name="initializer">The gate weight's first values; <see cref="GlorotUniform"/> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The gate's bias is not finite.</exception>
    public Highway(Layer body, double gateBias = -2, Initializer? initializer = null)
    {
        if (!double.IsFinite(gateBias)) throw new ArgumentOutOfRangeException(nameof(gateBias), gateBias, "gateBias must be finite");
        (Body, _gateBias) = (body, gateBias);
        Weight = new Parameter(initializer ?? new GlorotUniform());
        Bias = new Parameter(new Constant(gateBias));
    }

    /// <summary>Layers whose output replaces the input as far as the gate is open.</summary>
    public Layer Body { get; }

    /// <summary>The gate's weight, (features, features).</summary>
    public Parameter Weight { get; }

    /// <summary>The gate's bias, (features).</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 2) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, …, features)",
            "Unsqueeze(0) for a single example");
        Expect.Features(this, x, Weight.KnownShape?[0]);
        int features = x.Shape[^1];
        Weight.Ensure([features, features]);
        Bias.Ensure([features]);
        Expect.Type(this, x, Weight);
        Tensor change = Body.Forward(x, pass);
        if (change.Shape != x.Shape)
            throw new TensorException($"{this}: the body gives {change.Shape}, the input is {x.Shape}: they can't be mixed",
                "a body that keeps the shape of its input");
        Tensor rows = x.Reshape(new Shape(x.Count / Math.Max(1, features), features));
        Tensor gate = (rows.MatMul(Weight.Value) + Bias.Value).Sigmoid().Reshape(x.Shape);
        return x + gate * (change - x);
    }

    /// <inheritdoc/>
    public override string ToString() => $"Highway({Body})";
}
