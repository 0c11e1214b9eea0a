namespace Lamina.Tasks.Images;

/// <summary>One file read for a prediction: its pixels, or why there are none.</summary>
/// <param name="File">The file, as the caller named it.</param>
/// <param name="Pixels">The image, (height, width, channels), 0 to 255; null where it can't be read.</param>
/// <param name="Error">In a few words why it can't be read, for instance "truncated"; null where it can.</param>
public sealed record ImageRead(string File, byte[]? Pixels, string? Error)
{
    /// <summary>What was changed to bring the image near to those of the training, in a few words; null for nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>Reads single images for prediction, to the size and the channels that a model was trained on.</summary>
public static class ImageReader
{
    /// <summary>
    /// Reads images just as those of the training were read, each for itself: one that can't be read costs no
    /// other. Colour images for a grey model become grey by the weights of ITU-R BT.601.
    /// </summary>
    /// <param name="files">The image files.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <param name="options">The limits on the files; its size isn't used.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>A result for every file, in the order of <paramref name="files"/>.</returns>
    /// <exception cref="ArgumentException">Sizes or channels make no sense.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    public static IReadOnlyList<ImageRead> ReadFiles(
        IReadOnlyList<string> files,
        int height,
        int width,
        int channels,
        ImageReadOptions? options = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (channels is not (1 or 3))
        {
            throw new ArgumentException($"channels must be 1 (grey) or 3 (RGB), not {channels}", nameof(channels));
        }

        options ??= new ImageReadOptions();
        var size = new ImageSize(height, width);
        var results = new ImageRead[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            results[i] = Read(files[i], size, channels, options, cancel));
        return results;
    }

    private static ImageRead Read(string file, ImageSize size, int channels, ImageReadOptions options, CancellationToken cancel)
    {
        if (Directory.Exists(file))
        {
            return new ImageRead(file, null, "a folder, not an image file");
        }

        if (!File.Exists(file))
        {
            return new ImageRead(file, null, "there's no such file");
        }

        ImageFacts facts = default;
        var pixels = new byte[checked((int)(size.Area * 3))];
        string? error = FolderReader.TryReadFile(file, options.MaximumFileBytes, out FileBytes bytes, cancel);
        using (bytes)
        {
            error ??= InkFitter.Decode(bytes.Bytes, size, pixels, options, out facts, cancel);
        }

        if (error is not null)
        {
            return new ImageRead(file, null, error);
        }

        if (channels == 3)
        {
            return new ImageRead(file, pixels, null) { Note = InkFitter.Note(facts, options.Ink) };
        }

        var grey = new byte[pixels.Length / 3];
        ImageDecoder.ToGrey(pixels, grey);
        return new ImageRead(file, grey, null) { Note = InkFitter.Note(facts, options.Ink) };
    }
}
