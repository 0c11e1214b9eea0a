using Lamina.Learning.Saving;

namespace Lamina.Tasks.Images;

/// <summary>
/// Says that a network learned from drawings in grey: <see cref="ImageFilePredictor"/> brings image files near to those.
/// A tensor is left as it is.
/// </summary>
/// <param name="Style">How the training images look.</param>
public sealed partial record DrawnImages(InkStyle Style) : Preprocessing;
