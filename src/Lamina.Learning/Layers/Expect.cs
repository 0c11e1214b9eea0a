using System.Runtime.CompilerServices;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Layers;

/// <summary>Checks of options and inputs of layers, with their errors.</summary>
internal static class Expect
{
    public const string Images = "(batch, height, width, channels)", Sequences = "(batch, steps, channels)";

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
        if (channels % groups != 0) throw new ArgumentOutOfRangeException(option, groups,
            $"{channels} channels can't be cut into {groups} groups of equal size");
    }

    /// <summary>An input of as many axes as <paramref name="layout"/> names.</summary>
    public static void Layout(Layer layer, Tensor x, string layout)
    {
        int rank = layout.Count(c => c == ',') + 1;
        if (x.Rank == rank) return;
        string hint = x.Rank == rank - 1 ? "Unsqueeze(0) on the input for a single example, or Unsqueeze(-1) where there is one channel"
            : x.Rank == 2 ? $"a ReshapeTo layer before this one whose sizes have the product {x.Shape[1]}, such as {(rank == 4 ? Image(x.Shape[1]) : $"ReshapeTo({x.Shape[1]}, 1)")}"
            : $"a ReshapeTo layer before this one that gives {layout}";
        throw new TensorException($"{layer}: the input has shape {x.Shape}, not {layout}", hint);
    }

    /// <summary>An input with so many features or channels, or any where null: then they are what the layer is built for from now on.</summary>
    public static void Features(Layer layer, Tensor x, int? known)
    {
        if (known is not { } size || x.Shape[^1] == size) return;
        bool isFirst = x.Rank is 3 or 4 && x.Shape[1] == size;
        throw new TensorException(
            $"{layer}: the input has shape {x.Shape} with {x.Shape[^1]} features, the layer takes {size}",
            isFirst ? $"{ChannelsLast(x.Rank)} on the inputs: channels are the last axis here"
                : $"an input with {size} features, or a new layer, which takes the size of its first input");
    }

    /// <summary>An image as first input whose channels lie before its height, as PyTorch has them: a convolution would take a row for a pixel.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Images, (batch, height, width, channels).</param>
    /// <param name="weight">The kernel; once its shape is known, any input of that many channels is meant.</param>
    /// <param name="shape">The shape that the input would give it.</param>
    public static void ChannelsLast(Layer layer, Tensor x, ModuleVariable weight, Shape shape)
    {
        (int height, int width, int channels) = (x.Shape[1], x.Shape[2], x.Shape[3]);
        // Only what comes into the network: layers do give low images of many channels. Where calls aren't noted, that can't be told.
        bool isFirst = weight.KnownShape is null && (Tracer.Current is { } tracer ? tracer.IsInput(x) : x.Node is null && !Tracking.IsPaused);
        if (!isFirst || height is not (1 or 3) || Math.Min(width, channels) < 8 || Math.Max(width, channels) > 4 * Math.Min(width, channels)) return;
        throw new TensorException(
            $"{layer}: the input has shape {x.Shape}, which looks like {height} channel{(height == 1 ? "" : "s")} of {width}×{channels} pixels; channels are the last axis here: {Images}",
            $"Transpose(0, 2, 3, 1) on the inputs. Where the height really is {height}: Weight.Ensure([{string.Join(", ", shape.Span.ToArray())}]) on this layer before");
    }

    /// <summary>An input of the type of the weights.</summary>
    public static void Type(Layer layer, Tensor x, ModuleVariable weight)
    {
        DType type = weight.Spec.DType;
        if (x.DType == type) return;
        throw new TensorException($"{layer}: the input is {x.DType.Text}, the weights are {type.Text}",
            $"Cast(DType.{type}) on the inputs{(x.DType == DType.UInt8 ? ", divided by 255 where they are pixels" : "")}");
    }

    /// <summary>What brings the second axis to the end.</summary>
    public static string ChannelsLast(int rank) => rank == 4 ? "Transpose(0, 2, 3, 1)" : "Transpose(0, 2, 1)";

    // A square of one channel where there is one.
    private static string Image(int values)
    {
        int side = (int)Math.Sqrt(values);
        return side * side == values ? $"ReshapeTo({side}, {side}, 1)" : $"ReshapeTo(1, {values}, 1)";
    }

    /// <summary>An input whose channels can be cut into groups.</summary>
    public static void Groups(Layer layer, Tensor x, int groups)
    {
        if (x.Shape[^1] % groups != 0)
            throw new TensorException($"{layer}: the input {x.Shape} has {x.Shape[^1]} channels, which can't be cut into {groups} groups",
                "as many groups as divide the channels");
    }

    /// <summary>Sequences of at least one step, with the features that a weight (features, …) takes.</summary>
    public static void Sequence(Layer layer, Tensor x, Parameter weight)
    {
        Layout(layer, x, Sequences);
        Features(layer, x, weight.KnownShape?[0]);
        if (x.Shape[1] == 0) throw new TensorException($"{layer}: the input {x.Shape} has no steps");
    }
}
