using System.Globalization;
using Lamina.Tasks.Arrays;

namespace Lamina.Tasks.Images;

/// <summary>Reads the labels of images from arrays: one number or text for each image, or a row of 0 and 1.</summary>
internal static class ArrayTargets
{
    private const long MostValues = 256_000_000;
    private const double MostClass = 1_000_000;

    /// <summary>The targets of each part.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="parts">The parts, the training first; each has labels.</param>
    /// <param name="kind">What they are to be taken for; null: by their values.</param>
    /// <param name="notes">Takes what was decided.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <param name="known">The names that a network knows; null: found here.</param>
    /// <exception cref="DataException">They can't be used; the message names the array.</exception>
    internal static ImageTargets[] Of(string path, ArrayPair[] parts, TargetKind? kind, List<string> notes, CancellationToken cancel,
        IReadOnlyList<string>? known = null)
    {
        NamedArray first = parts[0].Labels!;
        if (first.Header.Kind is NpyKind.Text or NpyKind.Bytes) return Texts(parts, cancel, known);
        int width = WidthOf(first);
        double[][] values = [.. parts.Select(p => Values(p.Labels!, width, first.Key, cancel))];
        if (width > 1) return Rows(parts, width, values, kind, notes, known);
        if (kind == TargetKind.Labels)
            throw first.Bad($"has the shape {first.Header.ShapeText}, one label for each image", "an array of (n, labels) of 0 and 1, or classes");
        if (kind == TargetKind.Numbers)
        {
            for (int p = 0; p < parts.Length; p++) RequireFinite(parts[p].Labels!, values[p]);
            return [.. values.Select(v => new ImageTargets(TargetKind.Numbers, known ?? ["label"], v))];
        }
        for (int p = 0; p < parts.Length; p++) RequireClasses(parts[p].Labels!, values[p]);
        double most = values[0].Max();
        if (known is not null) return [ByName(parts[0].Labels!, [.. values[0].Select(v => v.ToString(CultureInfo.InvariantCulture))], known)];
        if (most >= values[0].Length) throw first.Bad(string.Create(CultureInfo.InvariantCulture,
            $"holds labels up to {most}, which is {most + 1} classes for {values[0].Length} images: there must be two images for each class"),
            $"numbering the classes from 0 on; if the label is a number rather than a class, --{ImageTask.Regression}");
        string[] classes = [.. Enumerable.Range(0, (int)most + 1).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        for (int p = 1; p < parts.Length; p++)
        {
            int beyond = Array.FindIndex(values[p], v => v > most);
            if (beyond >= 0) throw parts[p].Labels!.Bad(string.Create(CultureInfo.InvariantCulture,
                $"has the label {values[p][beyond]} at {beyond}, but the training labels end at {most}"), "arrays of one and the same set of data");
        }
        return [.. values.Select(v => new ImageTargets(TargetKind.Classes, classes, v))];
    }

    private static int WidthOf(NamedArray labels)
    {
        labels.RequireNumbers();
        return labels.Shape.Count switch
        {
            1 => 1,
            2 when labels.Shape[1] >= 1 => labels.Shape[1],
            _ => throw labels.Bad($"has the shape {labels.Header.ShapeText}: labels were expected as (n), (n, 1), or (n, labels) of 0 and 1",
                "one label for each image"),
        };
    }

    private static double[] Values(NamedArray labels, int width, string first, CancellationToken cancel)
    {
        if (WidthOf(labels) != width) throw labels.Bad($"has the shape {labels.Header.ShapeText}, and '{first}' has {width} value(s) for each "
            + $"image", "arrays of one and the same set of data");
        if (labels.Header.Count > MostValues)
            throw labels.Bad($"has the shape {labels.Header.ShapeText}, more than {MostValues:N0} values", "one label for each image");
        var values = new double[(int)labels.Header.Count];
        int rows = labels.Shape[0], at = 0;
        bool isTransposed = labels.Header.IsFortran && width > 1;
        labels.ReadNumbers((numbers, count) =>
        {
            for (int i = 0; i < count; i++, at++) values[isTransposed ? at % rows * width + at / rows : at] = numbers[i];
        }, cancel);
        return values;
    }

    private static ImageTargets[] Rows(ArrayPair[] parts, int width, double[][] values, TargetKind? kind, List<string> notes,
        IReadOnlyList<string>? known)
    {
        NamedArray first = parts[0].Labels!;
        if (known is not null && known.Count != width)
            throw first.Bad($"has {width} values for each image, where the network has {known.Count} outputs",
                "labels of the kind that the network learned");
        IReadOnlyList<string> names = known ?? [.. Enumerable.Range(0, width).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        if (kind == TargetKind.Numbers)
        {
            for (int p = 0; p < parts.Length; p++) RequireFinite(parts[p].Labels!, values[p]);
            return [.. values.Select(v => new ImageTargets(TargetKind.Numbers, known ?? [.. names.Select(n => $"value {n}")], v))];
        }
        for (int p = 0; p < parts.Length; p++)
        {
            int other = Array.FindIndex(values[p], v => v is not (0 or 1));
            if (other >= 0) throw parts[p].Labels!.Bad(string.Create(CultureInfo.InvariantCulture,
                $"has the shape {parts[p].Labels!.Header.ShapeText} and holds {values[p][other]}: several labels an image are 0 or 1 each"),
                $"a column of 0 and 1 for each label, or one class for each image; numbers are learned with --{ImageTask.Regression}");
        }
        ImageTargets[] targets = [.. values.Select(v => new ImageTargets(TargetKind.Labels, names, v))];
        if (kind == TargetKind.Labels || !(kind == TargetKind.Classes || targets.All(t => t.IsOneHot))) return targets;
        if (targets.FirstOrDefault(t => !t.IsOneHot) is not null)
            throw first.Bad("has images with no label or with several", "leaving it to be taken as labels");
        if (known is null) notes.Add($"every image has exactly one of the {width} labels in '{first.Key}', so they are taken as classes");
        return [.. targets.Select(t => t.ToClasses())];
    }

    private static ImageTargets[] Texts(ArrayPair[] parts, CancellationToken cancel, IReadOnlyList<string>? known)
    {
        foreach (ArrayPair part in parts)
        {
            NamedArray labels = part.Labels!;
            if (labels.Header.Kind is not (NpyKind.Text or NpyKind.Bytes))
                throw labels.Bad($"is of type {labels.Header.Description}, and '{parts[0].Labels!.Key}' holds texts",
                "arrays of one and the same set of data");
            if (labels.Header.Count != labels.Shape[0])
                throw labels.Bad($"has the shape {labels.Header.ShapeText}, where one text for each image was expected", "one label for each image");
        }
        string[][] texts = [.. parts.Select(p => p.Labels!.ReadTexts(cancel))];
        string[] classes = known is null ? [.. texts[0].Distinct().Order(StringComparer.Ordinal)] : [.. known];
        return [.. texts.Select((t, p) => ByName(parts[p].Labels!, t, classes))];
    }

    private static ImageTargets ByName(NamedArray labels, string[] texts, IReadOnlyList<string> classes)
    {
        var places = new Dictionary<string, int>();
        for (int i = 0; i < classes.Count; i++) places[classes[i]] = i;
        int unknown = Array.FindIndex(texts, t => !places.ContainsKey(t));
        if (unknown >= 0) throw labels.Bad($"has the label '{texts[unknown]}' at {unknown}, which is not among the classes "
            + $"{Wording.Names([.. classes])}", "arrays of one and the same set of data");
        return new(TargetKind.Classes, classes, [.. texts.Select(t => (double)places[t])]);
    }

    private static void RequireFinite(NamedArray labels, double[] values)
    {
        int bad = Array.FindIndex(values, v => !float.IsFinite((float)v));
        if (bad >= 0) throw labels.Bad($"holds {Text(values[bad])} at {bad}, which is no number to learn", "leaving such images out");
    }

    private static void RequireClasses(NamedArray labels, double[] values)
    {
        int bad = Array.FindIndex(values, v => !(v >= 0 && v <= MostClass && v == Math.Floor(v)));
        if (bad < 0) return;
        double value = values[bad];
        string why = value < 0 ? "labels are whole numbers from 0" : value > MostClass ? $"which is too large for the number of a class"
            : "where labels are whole numbers from 0";
        throw labels.Bad($"holds {Text(value)} at {bad}; {why}",
            value == Math.Floor(value) ? "numbering the classes from 0 on"
                : $"numbering the classes from 0 on; a number is learned with --{ImageTask.Regression}");
    }

    private static string Text(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}
