namespace Lamina.Tasks.Images;

/// <summary>Labelled images to measure a trained network on.</summary>
/// <param name="Set">The images; its classes are those that occur, by name.</param>
/// <param name="Part">Which part of the source they are, in words.</param>
/// <param name="Notes">What a person should know about the reading.</param>
internal sealed record TestImages(ImageSet Set, string Part, IReadOnlyList<string> Notes);

/// <summary>Reads what a test needs of a source of images, and nothing else.</summary>
internal static class TestSource
{
    /// <summary>Reads the test part of a source, or all of it where it isn't divided.</summary>
    /// <param name="path">A folder or zip of image files, or a folder of IDX files.</param>
    /// <param name="classes">The names of the network's classes.</param>
    /// <param name="options">The size that the network takes.</param>
    /// <param name="progress">Told of images read.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DataException">The data can't be used, or has classes that the network doesn't know.</exception>
    internal static TestImages Open(string path, IReadOnlyList<string> classes, ImageReadOptions options, IProgress<ImageProgress>? progress,
        CancellationToken cancel)
    {
        return ImageSource.Dispatch(path, Idx, Tree, cancel);

        TestImages Idx(string folder)
        {
            TestImages images = IdxReader.ReadTest(folder, classes, options, progress, cancel);
            return InkFitter.Invert(images.Set, options.Ink) is { } note ? images with { Notes = [.. images.Notes, note] } : images;
        }

        TestImages Tree(ImageTree tree)
        {
            (ClassLayout layout, string part) = TestLayout.Of(tree, classes);
            (ImageSet set, IReadOnlyList<string> notes) = ClassFolderReader.ReadTest(tree, layout, options, progress, cancel);
            return new TestImages(set, part, notes);
        }
    }
}
