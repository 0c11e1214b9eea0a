namespace Lamina.Tasks.Images;

/// <summary>What is learned of an image.</summary>
internal enum TargetKind
{
    /// <summary>One of some classes.</summary>
    Classes,
    /// <summary>Any number of some labels.</summary>
    Labels,
    /// <summary>One or more numbers.</summary>
    Numbers,
}

/// <summary>The targets of images that aren't given by folders.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Names">The names of the classes, of the labels, or of the numbers.</param>
/// <param name="Values">(images, 1) of class numbers, (images, labels) of 0 and 1, or (images, numbers).</param>
internal sealed record ImageTargets(TargetKind Kind, IReadOnlyList<string> Names, double[] Values)
{
    /// <summary>Values of an image.</summary>
    public int Width => Kind == TargetKind.Classes ? 1 : Names.Count;

    /// <summary>The values of an image.</summary>
    public ReadOnlySpan<double> Of(int image) => Values.AsSpan(image * Width, Width);

    /// <summary>Whether these are labels of which every image has exactly one, as classes are written in some data.</summary>
    public bool IsOneHot
    {
        get
        {
            if (Kind != TargetKind.Labels || Names.Count < 2) return false;
            for (int i = 0; i < Values.Length / Width; i++)
                if (Of(i).Count(1.0) != 1) return false;
            return true;
        }
    }

    /// <summary>The classes of labels of which every image has exactly one.</summary>
    public ImageTargets ToClasses()
    {
        var classes = new double[Values.Length / Width];
        for (int i = 0; i < classes.Length; i++) classes[i] = Of(i).IndexOf(1.0);
        return new(TargetKind.Classes, Names, classes);
    }

    /// <summary>The targets of some images, in their order.</summary>
    public ImageTargets Select(IReadOnlyList<int> images)
    {
        var values = new double[images.Count * Width];
        for (int i = 0; i < images.Count; i++) Of(images[i]).CopyTo(values.AsSpan(i * Width));
        return this with { Values = values };
    }
}

/// <summary>How the targets of images are found, where folders don't give them.</summary>
internal sealed record TargetOptions
{
    /// <summary>The columns to predict, with commas between them; null: chosen by the table.</summary>
    public string? Target { get; init; }

    /// <summary>The column of file names; null: chosen by the table.</summary>
    public string? Image { get; init; }

    /// <summary>The column whose equal values stay on one side of a split; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>What the targets are taken for; null: chosen by their values.</summary>
    public TargetKind? Kind { get; init; }

    /// <summary>What stands between the labels of a cell; null: chosen by the cells.</summary>
    public char? Separator { get; init; }

    /// <summary>A table of its own for validation, or null.</summary>
    public string? Validation { get; init; }

    /// <summary>A table of its own for the test, or null.</summary>
    public string? Test { get; init; }
}
