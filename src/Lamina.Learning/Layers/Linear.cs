using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// Every output a weighted sum of all inputs, plus a bias: x · weight + bias. Takes (…, inputs), gives (…, outputs). Known as
/// a dense or fully connected layer.
/// </summary>
public sealed partial class Linear : Layer, IWeighted
{
    /// <summary>A layer whose number of inputs is inferred from the first input.</summary>
    /// <param name="outputs">Values out, for each position.</param>
    /// <param name="bias">Whether a bias is added; a norm that follows makes it needless.</param>
    /// <param name="initializer">The weight's first values; <see cref="GlorotUniform"/> by default. The bias starts at zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no outputs.</exception>
    public Linear(int outputs, bool bias = true, Initializer? initializer = null)
    {
        Outputs = Expect.AtLeast(1, outputs);
        Weight = new Parameter(initializer ?? new GlorotUniform());
        if (bias) Bias = new Parameter(Constant.Zero, [outputs]);
    }

    /// <summary>A layer for a given number of inputs.</summary>
    /// <inheritdoc cref="Linear(int, bool, Initializer)"/>
    /// <param name="inputs">Values in, for each position.</param>
    /// <param name="outputs">Values out, for each position.</param>
    /// <param name="bias">Whether a bias is added; a norm that follows makes it needless.</param>
    /// <param name="initializer">The weight's first values; <see cref="GlorotUniform"/> by default. The bias starts at zero.</param>
    public Linear(int inputs, int outputs, bool bias = true, Initializer? initializer = null) : this(outputs, bias, initializer) =>
        Weight.Ensure([Expect.AtLeast(1, inputs), outputs]);

    /// <summary>The number of outputs.</summary>
    public int Outputs { get; }

    /// <summary>(inputs, outputs).</summary>
    public Parameter Weight { get; }

    /// <summary>(outputs), or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        ((IWeighted)this).Prepare(x);
        return ((IWeighted)this).Apply(x, Weight.Value);
    }

    void IWeighted.Prepare(Tensor x)
    {
        if (x.Rank < 2) throw new TensorException($"{this}: the input has shape {x.Shape}, not (batch, features)",
            "Unsqueeze(0) for a single example, or Unsqueeze(-1) where there is one feature");
        if (Weight.KnownShape is { } known && known[0] != x.Shape[^1]) RefuseFeatures(x, known[0]);
        Weight.Ensure([x.Shape[^1], Outputs]);
        Expect.Type(this, x, Weight);
    }

    Tensor IWeighted.Apply(Tensor x, Tensor weight)
    {
        // One product over all positions, so that the weight's gradient is one product too.
        Tensor rows = x.Rank == 2 ? x : x.Reshape(new Shape(x.Count / Math.Max(1, x.Shape[^1]), x.Shape[^1]));
        Tensor y = rows.MatMul(weight);
        if (Bias is not null) y = y + Bias.Value;
        return y.Reshape(x.Shape.With(-1, Outputs));
    }

    // A layer over the last axis of images or sequences would give a prediction for every place, which is seldom meant.
    private void RefuseFeatures(Tensor x, int features)
    {
        int values = x.Shape[0] == 0 ? 0 : x.Count / x.Shape[0];
        string hint = x.Rank == 2 ? $"an input with {features} features, or Linear({x.Shape[^1]}, {Outputs}), which takes these"
            : x.Shape[1] == features ? $"{Expect.ChannelsLast(x.Rank)} on the inputs: channels are the last axis here"
            : values == features ? $"a Flatten() layer before this one: an example of {x.Shape} has {values} values"
            : $"a Flatten() layer before this one and Linear({values}, {Outputs}), one prediction for each example; Linear({x.Shape[^1]}, {Outputs}) gives one for each position";
        throw new TensorException($"{this}: the input has shape {x.Shape} with {x.Shape[^1]} features, the layer takes {features}", hint);
    }

    /// <inheritdoc/>
    public override string ToString() => Weight.KnownShape is { } shape ? $"Linear({shape[0]}, {Outputs})" : $"Linear({Outputs})";
}
