using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>
/// A layer with one weight (…, outputs), which can compute with another value of it: what <see cref="WeightNorm"/> and
/// <see cref="SpectralNorm"/> wrap.
/// </summary>
internal interface IWeighted
{
    /// <summary>(…, outputs): all axes but the last are summed over.</summary>
    Parameter Weight { get; }

    /// <summary>Checks the input; the first one fixes the weight's shape.</summary>
    void Prepare(Tensor x);

    /// <summary>The layer's result with this weight, for an input that was checked.</summary>
    Tensor Apply(Tensor x, Tensor weight);

    /// <summary>Says which layers have such a weight.</summary>
    static ArgumentException Refusal(Layer? body, string option) =>
        new($"{body?.ToString() ?? "null"} can't be wrapped: the layer must be a Linear, Conv1d or Conv2d", option);
}
