using Lamina.Tensors.Shapes;

namespace Lamina.Formats;

/// <summary>A tensor as the header of a safetensors file announces it; the offsets count from the end of the header.</summary>
internal sealed record SafeTensorsEntry(string Name, Spec Spec, long Begin, long End)
{
    /// <summary>Name used in messages.</summary>
    public string Place => $"entry {FileFormatException.Quote(Name)}";
}

/// <summary>Holds the places of the tensors against each other and against the file.</summary>
internal static class SafeTensorsLayout
{
    public const string Damaged = "copying or downloading it again, or an earlier checkpoint: the file is damaged. If it never loaded, write it again with a safetensors library";

    /// <summary>The entries in the order of their values, which follow one another from 0 to the end of the file.</summary>
    /// <param name="file">What messages call the file.</param>
    /// <param name="entries">The entries as they stand in the header.</param>
    /// <param name="bufferBytes">The bytes after the header, or null where that is not known yet.</param>
    public static List<SafeTensorsEntry> InOrder(string file, List<SafeTensorsEntry> entries, long? bufferBytes)
    {
        // Stable: empty tensors, which share a place, stay in the header's order.
        List<SafeTensorsEntry> sorted = [.. entries.OrderBy(e => e.Begin).ThenBy(e => e.End)];
        long end = 0;
        string before = "the start of the values";
        foreach (SafeTensorsEntry entry in sorted)
        {
            if (entry.Begin != end)
                throw new FileFormatException(file, entry.Place, $"data_offsets that begin at {end}, with {before}",
                    $"{entry.Begin}, {(entry.Begin > end ? "which leaves a gap" : "which overlaps it")}", Damaged);
            end = entry.End;
            before = $"the end of {entry.Place}";
        }
        if (bufferBytes is long have && have < end)
            throw new FileFormatException(file, sorted.First(e => e.End > have).Place, $"{end} bytes of values after the header", $"{have}",
                SafeTensorsReader.CutShort);
        if (bufferBytes is long all && all > end)
            throw new FileFormatException(file, sorted.Count > 0 ? sorted[^1].Place
                : "the header", $"the file to end with the values, {end} bytes after the header", $"{all}", Damaged);
        return sorted;
    }
}
