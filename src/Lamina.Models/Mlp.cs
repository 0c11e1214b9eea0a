using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;

namespace Lamina.Models;

/// <summary>
/// A multi-layer perceptron (Rosenblatt, 1958; Rumelhart, Hinton and Williams, 1986): dense layers with a rectifier between
/// them. (batch, …) → (batch, outputs).
/// </summary>
public sealed partial class Mlp : Layer
{
    private readonly IReadOnlyList<int> _hidden;

    /// <summary>Builds the network; the input's size is inferred from the first input.</summary>
    /// <param name="outputs">Values of the result: classes, or targets of a regression.</param>
    /// <param name="hidden">Neurons of each hidden layer.</param>
    public Mlp(int outputs, params int[] hidden)
    {
        _hidden = [.. hidden];
        Hidden = [.. hidden.Select(neurons => new Linear(neurons))];
        Output = new Linear(outputs);
    }

    /// <summary>Values of the result.</summary>
    public int Outputs => Output.Outputs;

    /// <summary>The hidden layers.</summary>
    public IReadOnlyList<Linear> Hidden { get; }

    /// <summary>The last layer.</summary>
    public Linear Output { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        x = x.Flatten(1);
        foreach (Linear layer in Hidden) x = layer.Forward(x, pass).Relu();
        return Output.Forward(x, pass);
    }

    /// <inheritdoc/>
    public override string ToString() => $"Mlp({string.Concat(Hidden.Select(h => $"{h.Outputs}-"))}{Output.Outputs})";
}
