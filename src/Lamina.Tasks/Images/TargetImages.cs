using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Images;

/// <summary>Images whose targets are no classes, or whose classes don't count alike.</summary>
internal sealed class TargetImages : Dataset
{
    private readonly float[]? _targets, _weights;
    private readonly int _width;

    private TargetImages(ImageDataset images, float[]? targets, int width, float[]? weights) =>
        (Images, _targets, _width, _weights) = (images, targets, width, weights);

    /// <summary>The images.</summary>
    public ImageDataset Images { get; }

    /// <inheritdoc/>
    public override int Count => Images.Count;

    /// <inheritdoc/>
    public override Specs Inputs => Images.Inputs;

    /// <inheritdoc/>
    public override Specs Targets => _targets is null ? Images.Targets : new Spec(DType.Float32, [_width]);

    /// <inheritdoc/>
    public override bool HasWeights => _weights is not null;

    /// <summary>The set that learns or is measured: the images themselves where their classes are all there is.</summary>
    /// <param name="images">The images.</param>
    /// <param name="targets">Their targets; null: their classes.</param>
    /// <param name="output">What the network's output means: numbers are brought to standard units by it.</param>
    /// <param name="weights">How much an image of each class counts; null: all alike.</param>
    public static Dataset Of(ImageDataset images, ImageTargets? targets, OutputMeaning output, float[]? weights = null)
    {
        if (targets is null) return weights is null ? images : new TargetImages(images, null, 1, weights);
        IReadOnlyList<NumberOutput>? numbers = output switch { NumberOutput one => [one], NumbersOutput several => several.Numbers, _ => null };
        var values = new float[targets.Values.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(numbers is null ? targets.Values[i] : numbers[i % targets.Width].FromUnit(targets.Values[i]));
        return new TargetImages(images, values, targets.Width, null);
    }

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        if (_targets is null)
        {
            Images.Read(call);
            if (_weights is null) return;
            for (int i = 0; i < call.Indices.Length; i++) call.Weights[i] = _weights[Images.Labels[call.Indices[i]]];
            return;
        }
        Images.ReadImages(call);
        Span<float> targets = call.Targets<float>();
        for (int i = 0; i < call.Indices.Length; i++) _targets.AsSpan(call.Indices[i] * _width, _width).CopyTo(targets[(i * _width)..]);
    }
}
