using System.Runtime.CompilerServices;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>What layers ask of their options and inputs, and the errors that say so.</summary>
internal static class Expect
{
    public const string Pictures = "(batch, height, width, channels)", Sequences = "(batch, steps, channels)";

    /// <summary>An option that has a least value.</summary>
    public static int AtLeast(int least, int value, [CallerArgumentExpression(nameof(value))] string? option = null) => value >= least ? value
        : throw new ArgumentOutOfRangeException(option, value, $"{option} must be {least} or more");

    /// <summary>An option between two values, the second excluded.</summary>
    public static double Between(double least, double below, double value, [CallerArgumentExpression(nameof(value))] string? option = null) =>
        value >= least && value < below ? value
        : throw new ArgumentOutOfRangeException(option, value, $"{option} must be at least {least} and less than {below}");

    /// <summary>An option above zero.</summary>
    public static double Positive(double value, [CallerArgumentExpression(nameof(value))] string? option = null) => value > 0 && double.IsFinite(value) ? value
        : throw new ArgumentOutOfRangeException(option, value, $"{option} must be greater than 0");

    /// <summary>Channels that can be cut into groups.</summary>
    public static void Divides(int groups, int channels, string option)
    {
        if (channels % groups != 0) throw new ArgumentOutOfRangeException(option, groups, $"{channels} channels can't be cut into {groups} groups of equal size");
    }

    /// <summary>An input of as many axes as <paramref name="layout"/> names.</summary>
    public static void Layout(Layer layer, Tensor x, string layout)
    {
        int rank = layout.Count(c => c == ',') + 1;
        if (x.Rank == rank) return;
        string hint = x.Rank == rank - 1 ? "Unsqueeze(0) for a single example, or Unsqueeze(-1) where there is one channel"
            : $"a ReshapeTo layer before this one that gives {layout}";
        throw new TensorException($"{layer}: the input has shape {x.Shape}, not {layout}", hint);
    }

    /// <summary>An input with so many features or channels, or any where null: then they are what the layer is built for from now on.</summary>
    public static void Features(Layer layer, Tensor x, int? known)
    {
        if (known is not { } size || x.Shape[^1] == size) return;
        bool firstAxis = x.Rank >= 3 && x.Shape[1] == size;
        throw new TensorException(
            $"{layer}: the input has shape {x.Shape} with {x.Shape[^1]} features, the layer takes {size}",
            firstAxis ? "a Transpose(): channels are the last axis here" : "a layer made for that size, or leave the input size out and the first input tells it");
    }

    /// <summary>An input whose channels can be cut into groups.</summary>
    public static void Groups(Layer layer, Tensor x, int groups)
    {
        if (x.Shape[^1] % groups != 0) throw new TensorException($"{layer}: the input {x.Shape} has {x.Shape[^1]} channels, which can't be cut into {groups} groups", "as many groups as divide the channels");
    }

    /// <summary>Sequences of at least one step, with the features that a weight (features, …) takes.</summary>
    public static void Sequence(Layer layer, Tensor x, Parameter weight)
    {
        Layout(layer, x, Sequences);
        Features(layer, x, weight.KnownShape?[0]);
        if (x.Shape[1] == 0) throw new TensorException($"{layer}: the input {x.Shape} has no steps");
    }
}
