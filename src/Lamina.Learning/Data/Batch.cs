using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Some examples and what is known of them, one row each: the inputs of a network, the targets that a loss compares with, and a weight
/// for each example where some count more than others. A batch of a <see cref="DataLoader"/> is lent: its tensors show memory that is
/// filled again, so they hold these values only until the next batch is requested; reading them later is an error. <see cref="Tensor.Keep"/> copies
/// what has to live longer.
/// </summary>
public sealed class Batch
{
    /// <summary>A batch of one input and one target.</summary>
    /// <exception cref="TensorException">Inputs and targets have no first axis in common.</exception>
    public Batch(Tensor inputs, Tensor targets, int index = 0) : this(inputs, targets, null, index) { }

    /// <summary>A batch of several inputs and targets.</summary>
    /// <param name="inputs">Each (batch, …), in the order of the network's inputs.</param>
    /// <param name="targets">Each (batch, …); none where an objective needs none.</param>
    /// <param name="weights">How much each example counts, float32 (batch), 0 or more; null: all the same.</param>
    /// <param name="index">The place of the batch in its epoch, from 0.</param>
    /// <exception cref="TensorException">The tensors have no first axis in common, or the weights are not float32 (batch).</exception>
    public Batch(Tensors inputs, Tensors targets, Tensor? weights = null, int index = 0)
    {
        if (inputs.Count == 0) throw new TensorException("a batch without inputs", "one input tensor of shape (batch, …) at least");
        foreach (Tensor tensor in (Tensor[])[.. inputs.Span, .. targets.Span])
            if (tensor.Rank == 0 || inputs[0].Rank == 0 || tensor.Shape[0] != inputs[0].Shape[0])
                throw new TensorException($"a batch of inputs {Shapes(inputs)} and targets {Shapes(targets)}: the first axis of each counts the examples",
                    tensor.Rank > 0 && inputs[0].Rank > 0 ? $"as many inputs as targets: there are {inputs[0].Shape[0]} and {tensor.Shape[0]}"
                        : "Unsqueeze(0) on a single example");
        if (weights is not null && weights.Spec != new Spec(DType.Float32, [inputs[0].Shape[0]]))
            throw new TensorException($"a batch of {inputs[0].Shape[0]} examples with weights {weights.Spec}: one float32 number for each example",
                $"weights of shape ({inputs[0].Shape[0]})");
        Inputs = inputs;
        Targets = targets;
        Weights = weights;
        Index = index;
    }

    /// <summary>The inputs, each (batch, …the axes of one example's input).</summary>
    public Tensors Inputs { get; }

    /// <summary>The targets, each (batch, …the axes of one example's target); class indices are int32 (batch).</summary>
    public Tensors Targets { get; }

    /// <summary>Sample weights, float32 (batch); null: all equal.</summary>
    public Tensor? Weights { get; }

    /// <summary>The only, or first, input.</summary>
    public Tensor Input => Inputs[0];

    /// <summary>The only, or first, target.</summary>
    public Tensor Target => Targets[0];

    /// <summary>The number of examples.</summary>
    public int Count => Inputs[0].Shape[0];

    /// <summary>The place of the batch in its epoch, from 0.</summary>
    public int Index { get; internal set; }

    /// <summary>Types and shapes of one example's inputs, without the batch axis.</summary>
    public Specs Example => Specs.Create([.. Inputs.Specs.ToArray().Select(s => s with { Shape = s.Shape.Without(0) })]);

    private static string Shapes(Tensors tensors) => tensors.Count == 0 ? "none" : string.Join(", ", tensors.Specs.ToArray().Select(s => s.Shape.ToString()));

    /// <summary>Gives the tensors out with what their memory holds now.</summary>
    internal Batch Renewed()
    {
        foreach (Tensor input in Inputs.Span) input.Renew();
        foreach (Tensor target in Targets.Span) target.Renew();
        Weights?.Renew();
        return this;
    }
}
