using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>
/// Some examples and what is known of them, one row each. A batch of a <see cref="DataLoader"/> is lent: its tensors show
/// memory that is filled again, so they hold these values only until the next batch is asked for; reading them later is an
/// error. <see cref="Tensor.Keep"/> copies what has to live longer.
/// </summary>
public sealed class Batch
{
    /// <summary>A batch of these rows.</summary>
    /// <exception cref="TensorException">Inputs and targets have no first axis in common.</exception>
    public Batch(Tensor inputs, Tensor targets, int index = 0)
    {
        if (inputs.Rank == 0 || targets.Rank == 0 || inputs.Shape[0] != targets.Shape[0])
            throw new TensorException($"a batch of inputs {inputs.Shape} and targets {targets.Shape}: the first axis of both counts the examples",
                inputs.Rank > 0 && targets.Rank > 0 ? $"as many inputs as targets: there are {inputs.Shape[0]} and {targets.Shape[0]}" : "Unsqueeze(0) on a single example");
        Inputs = inputs;
        Targets = targets;
        Index = index;
    }

    /// <summary>The inputs: (batch, …the axes of one example's input).</summary>
    public Tensor Inputs { get; }

    /// <summary>The targets: (batch, …the axes of one example's target); class indices are int32 (batch).</summary>
    public Tensor Targets { get; }

    /// <summary>The number of examples.</summary>
    public int Count => Inputs.Shape[0];

    /// <summary>The place of the batch in its epoch, from 0.</summary>
    public int Index { get; internal set; }

    /// <summary>Gives the tensors out with what their memory holds now.</summary>
    internal Batch Renewed()
    {
        Inputs.Renew();
        Targets.Renew();
        return this;
    }
}
