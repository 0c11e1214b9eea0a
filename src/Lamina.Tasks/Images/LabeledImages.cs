namespace Lamina.Tasks.Images;

/// <summary>
/// What a source of images gave. All its sets have the same height, width, channels and classes.
/// </summary>
/// <param name="Train">The images to learn from: at least two classes, two images per class.</param>
/// <param name="Validation">The images to watch the training with, if the source sets some apart.</param>
/// <param name="Test">The images to judge the result by, if the source sets some apart.</param>
/// <param name="Notes">
/// What a person should know about the reading, a sentence each: what was resized, skipped or ignored.
/// </param>
public sealed record LabeledImages(
    ImageSet Train, ImageSet? Validation, ImageSet? Test, IReadOnlyList<string> Notes)
{
    /// <summary>The group of each image to learn from; null: none.</summary>
    internal IReadOnlyList<string>? Groups { get; init; }

    /// <summary>The columns of the table that names the images; null where there is none.</summary>
    internal ImageColumns? Columns { get; init; }
}
