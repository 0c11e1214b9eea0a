namespace Lamina.Tasks.Images;

/// <summary>
/// How training images look that are drawings in grey, such as handwritten digits: light lines on even dark ground, or the
/// other way round. Images of one's own are brought near to that before a network sees them.
/// </summary>
public sealed record InkStyle
{
    /// <summary>Whether lines are lighter than the ground.</summary>
    public required bool IsLightOnDark { get; init; }

    /// <summary>
    /// The longer side of what is drawn, as a part of the image's longer side, where it's about the same in all training
    /// images and in their middle, as in MNIST; null where size and place vary.
    /// </summary>
    public double? Size { get; init; }
}
