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
    /// <param name="path">A folder or zip of image files, a folder of IDX files, arrays, or a table of image files.</param>
    /// <param name="known">What the network knows.</param>
    /// <param name="options">The size that the network takes.</param>
    /// <param name="progress">Told of images read.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DataException">The data can't be used, or has classes that the network doesn't know.</exception>
    internal static TestImages Open(string path, KnownTargets known, ImageReadOptions options, IProgress<ImageProgress>? progress,
        CancellationToken cancel)
    {
        return ImageSource.Dispatch(path, Idx, Tree, Arrays, table => ImageTableReader.ReadTest(table, known, options, progress, cancel), cancel);

        TestImages Arrays(string file)
        {
            TestImages images = ArrayReader.ReadTest(file, known, options, progress, cancel);
            return InkFitter.Invert(images.Set, options.Ink) is { } note ? images with { Notes = [.. images.Notes, note] } : images;
        }

        void RequireClasses()
        {
            if (known.Kind != TargetKind.Classes)
                throw new DataException(path, $"has images in folders of classes, and the network predicts "
                    + $"{(known.Kind == TargetKind.Labels ? "any number of labels" : "numbers")}", ImageTableReader.Expected);
        }

        TestImages Idx(string folder)
        {
            RequireClasses();
            TestImages images = IdxReader.ReadTest(folder, known.Names, options, progress, cancel);
            return InkFitter.Invert(images.Set, options.Ink) is { } note ? images with { Notes = [.. images.Notes, note] } : images;
        }

        TestImages Tree(ImageTree tree)
        {
            RequireClasses();
            (ClassLayout layout, string part) = TestLayout.Of(tree, known.Names);
            (ImageSet set, IReadOnlyList<string> notes) = ClassFolderReader.ReadTest(tree, layout, options, progress, cancel);
            return new TestImages(set, part, notes);
        }
    }
}
