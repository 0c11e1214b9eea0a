using System.Globalization;

namespace Lamina.Tasks.Spine;

/// <summary>Classes by their labels, for tasks whose examples have one each.</summary>
internal static class LabelClasses
{
    private const int MostNamed = 3;

    /// <summary>The classes that occur, numbers by their size and others in the order of their characters.</summary>
    /// <param name="labels">The label of each example.</param>
    /// <param name="source">What the data is called.</param>
    /// <param name="items">What examples are called, such as <c>recordings</c>.</param>
    /// <param name="other">What to try where the labels are no classes.</param>
    /// <exception cref="DataException">There is one class alone, or there are too many to be classes.</exception>
    public static string[] Of(IReadOnlyList<string> labels, string source, string items, string other)
    {
        const int Few = 20;
        string[] classes = [.. labels.Distinct()];
        if (classes.Length < 2)
            throw new DataException(source, $"has one class alone, '{classes.FirstOrDefault()}': there is nothing to tell apart",
                $"{items} of a second class");
        if (classes.Length > Few && classes.Length > labels.Count / 2)
            throw new DataException(source, $"has {classes.Length:N0} different labels in {labels.Count:N0} {items}: these are no classes", other);
        bool areNumbers = classes.All(c => double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        return areNumbers ? [.. classes.OrderBy(c => double.Parse(c, CultureInfo.InvariantCulture)).ThenBy(c => c, StringComparer.Ordinal)]
            : [.. classes.Order(StringComparer.Ordinal)];
    }

    /// <summary>Labels that the training data doesn't have; some are known.</summary>
    /// <param name="labels">The labels of other data.</param>
    /// <param name="classes">The classes of the training data.</param>
    /// <param name="source">What the other data is called.</param>
    /// <param name="items">What examples are called, such as <c>recordings</c>.</param>
    /// <exception cref="DataException">None is known.</exception>
    public static string[] Foreign(IReadOnlyList<string> labels, string[] classes, string source, string items)
    {
        string[] foreign = [.. labels.Distinct().Where(l => !classes.Contains(l))];
        return foreign.Length < labels.Distinct().Count() ? foreign : throw new DataException(source,
            $"has no {items} of a class that the training data has; its labels are {Wording.Names(foreign)}, and those of the training "
            + Wording.Names(classes), "data of the same classes");
    }

    /// <summary>The number of examples of each class.</summary>
    public static long[] Count(IEnumerable<string> labels, string[] classes)
    {
        var counts = new long[classes.Length];
        foreach (string label in labels) counts[Array.IndexOf(classes, label)]++;
        return counts;
    }

    /// <summary>What a test is of, where examples have groups: <c>speaker george</c>.</summary>
    /// <param name="group">What a group is.</param>
    /// <param name="groups">The group of each test example.</param>
    public static string TestPart(string group, IEnumerable<string?> groups)
    {
        string[] tested = [.. groups.Select(g => g ?? "").Distinct().Order(StringComparer.Ordinal)];
        string more = tested.Length > MostNamed ? $" and {tested.Length - MostNamed} more" : "";
        return $"{group} {string.Join(", ", tested.Take(MostNamed))}{more}";
    }
}
