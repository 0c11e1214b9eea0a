namespace Lamina.Tasks.Images;

/// <summary>
/// What a source of pictures gave. All its sets have the same height, width, channels and classes.
/// </summary>
/// <param name="Train">The pictures to learn from: at least two classes, two pictures a class.</param>
/// <param name="Validation">The pictures to watch the training with, if the source sets some apart.</param>
/// <param name="Test">The pictures to judge the result by, if the source sets some apart.</param>
/// <param name="Notes">
/// What a person should know about the reading, a sentence each: what was resized, skipped or ignored.
/// </param>
public sealed record PictureData(
    PictureSet Train, PictureSet? Validation, PictureSet? Test, IReadOnlyList<string> Notes);
