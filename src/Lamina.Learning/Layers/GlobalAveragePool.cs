using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// The mean of each channel over all places: (batch, height, width, channels) or (batch, steps, channels) to (batch, channels)
/// (Lin, Chen and Yan, 2013: "Network in network").
/// </summary>
public sealed partial class GlobalAveragePool : Layer
{
    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank < 3) throw new TensorException($"{this}: the input has shape {x.Shape}, not {Expect.Images} or {Expect.Sequences}",
            "leave it out: there are no places to average over");
        return x.Mean([.. Enumerable.Range(1, x.Rank - 2)]);
    }
}
