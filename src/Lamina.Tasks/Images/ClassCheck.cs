namespace Lamina.Tasks.Images;

/// <summary>What any set must have before a classifier can be trained on it.</summary>
internal static class ClassCheck
{
    /// <summary>Refuses fewer than two classes with images, and classes with a single image.</summary>
    /// <param name="place">The file or folder, for the message.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <param name="labels">The labels of the training images.</param>
    /// <param name="skipped">Whether unreadable files have been left out already, for the message.</param>
    /// <param name="mayLackClasses">Whether one class is enough, since nothing is to be told apart.</param>
    /// <param name="mayBeSingle">Whether a class may have a single image.</param>
    /// <returns>How many images each class has.</returns>
    /// <exception cref="DataException">The classes can't be told apart, or not be divided.</exception>
    internal static int[] Require(string place, IReadOnlyList<string> classes, IEnumerable<int> labels, bool skipped, bool mayLackClasses = false,
        bool mayBeSingle = false)
    {
        var counts = new int[classes.Count];
        foreach (int label in labels)
        {
            counts[label]++;
        }

        string after = skipped ? " after skipping the unreadable files" : "";
        int[] present = [.. Enumerable.Range(0, counts.Length).Where(i => counts[i] > 0)];
        if (present.Length < (mayLackClasses ? 1 : 2))
        {
            string found = present.Length == 0 ? "no class" : $"only the class '{classes[present[0]]}'";
            throw new DataException(
                place, $"expected at least two classes to tell apart, found {found}{after}",
                $"adding the images of a second class: {ClassLayout.Expected}");
        }

        int[] single = [.. present.Where(i => counts[i] == 1)];
        if (single.Length > 0 && !mayBeSingle)
        {
            string names = Wording.Names([.. single.Select(i => classes[i])]);
            throw new DataException(
                place,
                $"expected at least two images per class, one to learn from and one to check with; {names} {(single.Length == 1 ? "has" : "have")} one{after}",
                "adding images to it, or deleting the class");
        }

        return counts;
    }
}
