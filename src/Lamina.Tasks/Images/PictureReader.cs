namespace Lamina.Tasks.Images;

/// <summary>One file read for a prediction: its pixels, or why there are none.</summary>
/// <param name="File">The file, as the caller named it.</param>
/// <param name="Pixels">The picture, (height, width, channels), 0 to 255; null where it can't be read.</param>
/// <param name="Error">In a few words why it can't be read, for instance "truncated"; null where it can.</param>
public sealed record PictureRead(string File, byte[]? Pixels, string? Error)
{
    /// <summary>What was changed to bring the image near to those of the training, in a few words; null for nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>Reads single pictures for prediction, to the size and the channels that a model was trained on.</summary>
public static class PictureReader
{
    /// <summary>
    /// Reads pictures just as those of the training were read, each for itself: one that can't be read costs no
    /// other. Colour pictures for a grey model become grey by the weights of ITU-R BT.601.
    /// </summary>
    /// <param name="files">The picture files.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <param name="options">The limits on the files; its size isn't used.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>A result for every file, in the order of <paramref name="files"/>.</returns>
    /// <exception cref="ArgumentException">Sizes or channels make no sense.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    public static IReadOnlyList<PictureRead> ReadFiles(
        IReadOnlyList<string> files,
        int height,
        int width,
        int channels,
        PictureOptions? options = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (channels is not (1 or 3))
        {
            throw new ArgumentException($"channels must be 1 (grey) or 3 (RGB), not {channels}", nameof(channels));
        }

        options ??= new PictureOptions();
        var size = new PictureSize(height, width);
        var results = new PictureRead[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            results[i] = Read(files[i], size, channels, options, cancel));
        return results;
    }

    private static PictureRead Read(string file, PictureSize size, int channels, PictureOptions options, CancellationToken cancel)
    {
        if (Directory.Exists(file))
        {
            return new PictureRead(file, null, "a folder, not a picture file");
        }

        if (!File.Exists(file))
        {
            return new PictureRead(file, null, "there's no such file");
        }

        PictureFacts facts = default;
        var pixels = new byte[checked((int)(size.Area * 3))];
        string? error = FolderReader.TryReadFile(file, options.MaximumFileBytes, out FileBytes bytes, cancel);
        using (bytes)
        {
            error ??= InkFitter.Decode(bytes.Bytes, size, pixels, options, out facts, cancel);
        }

        if (error is not null)
        {
            return new PictureRead(file, null, error);
        }

        if (channels == 3)
        {
            return new PictureRead(file, pixels, null) { Note = InkFitter.Note(facts, options.Ink) };
        }

        var grey = new byte[pixels.Length / 3];
        PictureDecoder.ToGrey(pixels, grey);
        return new PictureRead(file, grey, null) { Note = InkFitter.Note(facts, options.Ink) };
    }
}
