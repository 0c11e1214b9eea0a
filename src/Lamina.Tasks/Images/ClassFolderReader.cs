using Lamina.Formats;

namespace Lamina.Tasks.Images;

/// <summary>Reads the images of a folder or zip that holds a folder per class.</summary>
internal sealed class ClassFolderReader
{
    private const int Rgb = 3;
    private const int MostMeasured = 2000;
    private const int LargestOwnSize = 128;
    private const int DefaultSide = 64;

    private readonly ImageTree _tree;
    private readonly ImageReadOptions _options;
    private readonly CancellationToken _cancel;
    private readonly ProgressCounter _progress;
    private readonly ClassLayout _layout;
    private readonly List<string> _notes;

    private ClassFolderReader(
        ImageTree tree, ClassLayout layout, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel)
    {
        (_tree, _layout, _options, _cancel) = (tree, layout, options, cancel);
        _notes = [.. _layout.Notes];
        _progress = new ProgressCounter(
            progress, _layout.Train.Count + (_layout.Validation?.Count ?? 0) + (_layout.Test?.Count ?? 0));
    }

    /// <summary>Reads all images of a tree.</summary>
    /// <exception cref="DataException">The data can't be used; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    internal static LabeledImages Read(
        ImageTree tree, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel) =>
        Read(tree, options.MayLackClasses ? ClassLayout.WithOrWithoutClasses(tree) : ClassLayout.Of(tree), options, progress, cancel);

    /// <summary>Reads the images of a layout.</summary>
    /// <inheritdoc cref="Read(ImageTree, ImageReadOptions, IProgress{ImageProgress}?, CancellationToken)"/>
    internal static LabeledImages Read(
        ImageTree tree, ClassLayout layout, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel) =>
        new ClassFolderReader(tree, layout, options, progress, cancel).Read();

    /// <summary>Reads the images of a test: the training part of the layout, which may be of one class, or of one image per class.</summary>
    /// <exception cref="DataException">The data can't be used; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    internal static (ImageSet Set, IReadOnlyList<string> Notes) ReadTest(
        ImageTree tree, ClassLayout layout, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel)
    {
        var reader = new ClassFolderReader(tree, layout, options, progress, cancel);
        ImageSize size = reader.ChooseSize();
        Part part = reader.Decode(layout.Train, size)!;
        reader.HandleUnreadable([part]);
        if (!part.KeptLabels().Any())
        {
            throw new DataException(tree.Place, $"none of its images can be read: {reader._notes[^1]}", "images in PNG or JPEG");
        }

        int channels = part.KeptFacts().All(f => f.Grey) ? 1 : Rgb;
        reader.NoteFacts([part], size, channels);
        return (reader.ToSet(part, size, channels), reader._notes);
    }

    private LabeledImages Read()
    {
        if (_layout.Targets is null)
            ClassCheck.Require(_tree.Place, _layout.Classes, _layout.Train.Select(f => f.Label), skipped: false, _options.MayLackClasses,
                _options.IgnoresClasses);
        ImageSize size = ChooseSize();
        Part train = Decode(_layout.Train, size)!;
        Part? validation = Decode(_layout.Validation, size);
        Part? test = Decode(_layout.Test, size);

        Part[] parts = [.. new[] { train, validation, test }.OfType<Part>()];
        HandleUnreadable(parts);
        if (_layout.Targets is null)
            ClassCheck.Require(_tree.Place, _layout.Classes, train.KeptLabels(), skipped: true, _options.MayLackClasses, _options.IgnoresClasses);
        int channels = parts.All(p => p.KeptFacts().All(f => f.Grey)) ? 1 : Rgb;
        NoteFacts(parts, size, channels);
        return new LabeledImages(
            ToSet(train, size, channels), ToSetOrNull(validation, size, channels), ToSetOrNull(test, size, channels),
            [.. _notes.Select(n => ForeignText.Show(n))])
        {
            Groups = _layout.Groups is { } groups ? [.. train.KeptFiles().Select(file => groups[file])] : null,
        };
    }

    private ImageSize ChooseSize()
    {
        if (_options.Size is { } asked)
        {
            return asked;
        }

        int count = Math.Min(_layout.Train.Count, MostMeasured);
        var sizes = new ImageSize?[count];
        ForEach(count, i =>
        {
            // Evenly spread, since the files of a class stand together.
            int file = _layout.Train[(int)((long)i * _layout.Train.Count / count)].File;
            string? error = _tree.TryRead(file, _options.MaximumFileBytes, out FileBytes bytes, _cancel);
            using (bytes)
            {
                sizes[i] = error is null ? ImageDecoder.ReadSize(bytes.Bytes, _options) : null;
            }
        });
        return ChooseSize([.. sizes.OfType<ImageSize>()]);
    }

    /// <summary>The rule that <see cref="ImageReadOptions.Size"/> states.</summary>
    internal static ImageSize ChooseSize(IReadOnlyCollection<ImageSize> sizes)
    {
        if (sizes.Count == 0)
        {
            return new(DefaultSide, DefaultSide); // nothing readable: reading the files will say so, by name
        }

        IGrouping<ImageSize, ImageSize> common = sizes.GroupBy(s => s)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key.Area).ThenBy(g => g.Key.Height).First();
        if (common.Key.Longer <= LargestOwnSize && common.Count() * 4L >= sizes.Count)
        {
            return common.Key;
        }

        int median = sizes.Select(s => s.Longer).Order().ElementAt(sizes.Count / 2);
        int side = Math.Min(median, DefaultSide);
        return new(side, side);
    }

    private Part? Decode(IReadOnlyList<LabelledFile>? files, ImageSize size)
    {
        if (files is null)
        {
            return null;
        }

        ImageMemory.Require(_tree.Place, files.Count, size, Rgb);
        var part = new Part(files, (int)size.Area * Rgb);
        ForEach(files.Count, i =>
        {
            string? error = _tree.TryRead(files[i].File, _options.MaximumFileBytes, out FileBytes file, _cancel);
            using (file)
            {
                part.Errors[i] = error ?? InkFitter.Decode(file.Bytes, size, part.Slot(i), _options, out part.Facts[i], _cancel);
            }

            _progress.Count();
        });
        return part;
    }

    private void ForEach(int count, Action<int> body) =>
        Parallel.For(0, count, new ParallelOptions { CancellationToken = _cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, body);

    private void HandleUnreadable(Part[] parts)
    {
        const int Shown = 5, LongestName = 200;
        string[] bad =
        [
            .. parts.SelectMany(p => p.Files.Zip(p.Errors))
                .Where(p => p.Second is not null)
                .Select(p => $"{ForeignText.Show(_tree.Files[p.First.File], LongestName)} ({p.Second})"),
        ];
        if (bad.Length == 0)
        {
            return;
        }

        int total = parts.Sum(p => p.Files.Count);
        int allowed = Math.Max(1, (int)(total * _options.MaximumUnreadable));
        string named = string.Join(", ", bad.Take(Shown)) + (bad.Length > Shown ? $" and {bad.Length - Shown} more" : "");
        if (bad.Length > allowed)
        {
            throw new DataException(
                _tree.Place, $"{bad.Length} of {total} image files can't be read, more than the {allowed} that would be skipped: {named}",
                "replacing or deleting these files; if most are meant as they are, converting them to PNG or JPEG, "
                + $"of at most {_options.MaximumSide} pixels a side and {_options.MaximumFileBytes >> 20} MiB");
        }

        _notes.Add($"skipped {Wording.Count(bad.Length, "unreadable file")}: {named}");
    }

    private void NoteFacts(Part[] parts, ImageSize size, int channels)
    {
        ImageFacts[] facts = [.. parts.SelectMany(p => p.KeptFacts())];
        int resized = facts.Count(f => f.Resized);
        if (resized > 0)
        {
            string what = resized == facts.Length ? $"all {Wording.Count(resized, "image")}" : $"{Wording.Count(resized, "image")} of other sizes";
            _notes.Add($"resized {what} to {size}");
        }

        int grey = facts.Count(f => f.StoredGrey);
        if (channels == Rgb && grey > 0)
        {
            _notes.Add($"read {Wording.Count(grey, "grey image")} as colour, as others are");
        }

        int transparent = facts.Count(f => f.Transparent);
        if (transparent > 0)
        {
            _notes.Add($"laid {Wording.Count(transparent, "image")} with transparency over white");
        }

        if (InkFitter.Note(facts, _options.Ink) is { } fitted)
        {
            _notes.Add(fitted);
        }
    }

    private ImageSet? ToSetOrNull(Part? part, ImageSize size, int channels) =>
        part is null || !part.KeptLabels().Any() ? null : ToSet(part, size, channels);

    private ImageSet ToSet(Part part, ImageSize size, int channels) =>
        _layout.Targets is { } targets
            ? new(part.TakePixels(channels), size.Height, size.Width, channels, targets.Select([.. part.KeptFiles()]))
            : new(part.TakePixels(channels), size.Height, size.Width, channels, [.. part.KeptLabels()], _layout.Classes);

    /// <summary>One of the sets while it's read: a slot for every file, also for those that turn out unreadable.</summary>
    private sealed class Part(IReadOnlyList<LabelledFile> files, int slot)
    {
        private readonly byte[] _pixels = new byte[checked(files.Count * slot)];

        internal IReadOnlyList<LabelledFile> Files => files;

        internal string?[] Errors { get; } = new string?[files.Count];

        internal ImageFacts[] Facts { get; } = new ImageFacts[files.Count];

        internal Span<byte> Slot(int index) => _pixels.AsSpan(index * slot, slot);

        internal IEnumerable<int> KeptLabels() => files.Where((_, i) => Errors[i] is null).Select(f => f.Label);

        internal IEnumerable<int> KeptFiles() => files.Where((_, i) => Errors[i] is null).Select(f => f.File);

        internal IEnumerable<ImageFacts> KeptFacts() => Facts.Where((_, i) => Errors[i] is null);

        /// <summary>The readable images, close together, grey or RGB; the slots are used up.</summary>
        internal byte[] TakePixels(int channels)
        {
            int length = 0;
            int size = slot / Rgb * channels;
            for (int i = 0; i < files.Count; i++)
            {
                if (Errors[i] is not null)
                {
                    continue;
                }

                // In place: what's written never overtakes what's still to be read.
                Span<byte> target = _pixels.AsSpan(length, size);
                if (channels == Rgb)
                {
                    Slot(i).CopyTo(target);
                }
                else
                {
                    ImageDecoder.ToGrey(Slot(i), target);
                }

                length += size;
            }

            return length == _pixels.Length ? _pixels : _pixels[..length];
        }
    }
}
