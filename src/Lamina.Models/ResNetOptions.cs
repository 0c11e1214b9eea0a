using System.Text.Json.Serialization;

namespace Lamina.Models;

/// <summary>The first layers of a <see cref="ResNet"/>.</summary>
public enum ResNetStem
{
    /// <summary>A convolution 3×3 that keeps the image's size: for images of about 32×32.</summary>
    Small,

    /// <summary>A convolution 7×7 and a maximum pooling 3×3, each halving the image: for photographs of about 224×224.</summary>
    Large,
}

/// <summary>How a <see cref="ResNet"/>'s input gets past a block that changes its size or number of channels.</summary>
public enum ResNetShortcut
{
    /// <summary>By a 1×1 convolution and its norm, the paper's option B.</summary>
    Projection,

    /// <summary>Every other pixel, with channels of zeros added: the paper's option A, which has no parameters.</summary>
    Padding,
}

/// <summary>Options of <see cref="ResNet"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record ResNetOptions
{
    /// <summary>The number of classes, from 2.</summary>
    public required int Classes { get; init; }

    /// <summary>
    /// Residual blocks of each stage: with three stages, n make a network of 6 n + 2 weighted layers (3: ResNet-20, 5: ResNet-32, 9: ResNet-56).
    /// </summary>
    [JsonRequired]
    public int Blocks { get; init; } = 3;

    /// <summary>Residual blocks of each stage by itself, such as 3, 4, 6, 3; empty: <see cref="Blocks"/> in each.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Depths { get; init; } = [];

    /// <summary>
    /// Filters of each stage; every stage but the first halves height and width. With <see cref="Bottleneck"/> a stage's result has four times
    /// as many.
    /// </summary>
    [JsonRequired]
    public IReadOnlyList<int> Widths { get; init; } = [16, 32, 64];

    /// <summary>Whether a block is 1×1, 3×3 and 1×1, the last with four times the filters, in place of two convolutions 3×3.</summary>
    [JsonRequired]
    public bool Bottleneck { get; init; }

    /// <summary>The first layers.</summary>
    [JsonRequired]
    public ResNetStem Stem { get; init; }

    /// <summary>What brings a block's input to the size of its result.</summary>
    [JsonRequired]
    public ResNetShortcut Shortcut { get; init; }

    /// <summary>
    /// Whether the last norm of each block starts with a scale of zero, so that every block starts as the identity (Goyal et al., 2017: "Accurate,
    /// large minibatch SGD"): for very deep networks and large batches. It changes what is drawn first, not what a trained network computes.
    /// </summary>
    [JsonRequired]
    public bool ZeroInitialized { get; init; }

    /// <summary>Networks of the paper's section 4.2, for images of about 32×32: 20, 32, 44, 56, 110, 1,202 layers, or any other 6 n + 2.</summary>
    /// <param name="layers">The number of weighted layers without those of shortcuts, 6 n + 2 from 8.</param>
    /// <param name="classes">The number of classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such network.</exception>
    public static ResNetOptions ForSmallImages(int layers, int classes) => layers >= 8 && layers % 6 == 2
        ? new() { Classes = classes, Blocks = (layers - 2) / 6 }
        : throw new ArgumentOutOfRangeException(nameof(layers), layers, "a ResNet for small images has 6 n + 2 layers: 20, 32, 44, 56, 110, …");

    /// <summary>The networks of the paper's table 1, for photographs: 18, 34, 50, 101 and 152 layers.</summary>
    /// <remarks>
    /// Where a bottleneck block halves the image it is the 3×3 convolution that does it, as in torchvision, and not the first 1×1 as in the paper,
    /// which leaves out three quarters of what it is given.
    /// </remarks>
    /// <param name="layers">The number of weighted layers without those of shortcuts.</param>
    /// <param name="classes">The number of classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such network.</exception>
    public static ResNetOptions ForPhotos(int layers, int classes) => new()
    {
        Classes = classes,
        Depths = layers switch
        {
            18 => [2, 2, 2, 2],
            34 or 50 => [3, 4, 6, 3],
            101 => [3, 4, 23, 3],
            152 => [3, 8, 36, 3],
            _ => throw new ArgumentOutOfRangeException(nameof(layers), layers, "a ResNet for photographs has 18, 34, 50, 101 or 152 layers"),
        },
        Widths = [64, 128, 256, 512],
        Bottleneck = layers >= 50,
        Stem = ResNetStem.Large,
    };

    /// <summary>Residual blocks of a stage, from 0.</summary>
    internal int DepthOf(int stage) => Depths.Count > 0 ? Depths[stage] : Blocks;

    /// <summary>Refuses options outside their ranges; they may come from a file.</summary>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Classes, 1_000_000);
        if (Widths.Count is < 1 or > 12) throw new ArgumentOutOfRangeException(nameof(Widths), Widths.Count, "a ResNet has 1 to 12 stages");
        if (Depths.Count > 0 && Depths.Count != Widths.Count)
            throw new ArgumentOutOfRangeException(nameof(Depths), Depths.Count, $"a ResNet of {Widths.Count} stages has as many depths, or none");
        for (int stage = 0; stage < Widths.Count; stage++)
        {
            int blocks = DepthOf(stage), width = Widths[stage];
            if (blocks is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(Blocks), blocks, "a stage has 1 to 1,000 blocks");
            if (width is < 1 or > 16_384) throw new ArgumentOutOfRangeException(nameof(Widths), width, "a stage has 1 to 16,384 filters");
        }
        if (!Enum.IsDefined(Stem)) throw new ArgumentOutOfRangeException(nameof(Stem), Stem, "there is no such stem");
        if (!Enum.IsDefined(Shortcut)) throw new ArgumentOutOfRangeException(nameof(Shortcut), Shortcut, "there is no such shortcut");
    }
}
