using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>
/// body(x) + x, or body(x) + shortcut(x): the body learns what is to be changed, and gradients reach deep layers by the
/// other way (He, Zhang, Ren and Sun, 2015: "Deep residual learning for image recognition").
/// </summary>
public sealed partial class Residual : Layer
{
    /// <summary>A residual connection around <paramref name="body"/>.</summary>
    /// <param name="body">What is added to the input.</param>
    /// <param name="shortcut">Brings the input to the body's shape where that is another; null adds it as it is.</param>
    public Residual(Layer body, Layer? shortcut = null) => (Body, Shortcut) = (body, shortcut);

    /// <summary>Layers whose output is added to the input.</summary>
    public Layer Body { get; }

    /// <summary>Projection of the input on the shortcut, or null.</summary>
    public Layer? Shortcut { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Tensor change = Body.Forward(x, pass), way = Shortcut?.Forward(x, pass) ?? x;
        if (change.Shape != way.Shape)
            throw new TensorException(
                $"Residual: the body gives {change.Shape}, the {(Shortcut is null ? "input is" : "shortcut gives")} {way.Shape}: they can't be added",
                Shortcut is null ? "a shortcut of the body's channels and stride, such as Conv2d(channels, 1, stride)"
                    : "a shortcut of the body's channels and stride");
        return change + way;
    }
}
