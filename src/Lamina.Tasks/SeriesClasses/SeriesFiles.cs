using Lamina.Learning.Sounds;
using Lamina.Tasks.Images;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Sounds;

namespace Lamina.Tasks.SeriesClasses;

/// <summary>Series in files of their own: a table for each with a row for each step, or a recording, whose envelopes are taken.</summary>
internal static class SeriesFiles
{
    private const int MostNamed = 3, LookedFiles = 200;

    /// <summary>Envelopes of recordings: how loud they are in eight bands, 16 milliseconds at a time, in decibels below their loudest
    /// point.</summary>
    public static MelOptions Envelopes(int rate) => new() { Rate = rate, Frames = 1, Bands = 8, Window = 0.032, Hop = 0.016, Low = 80,
        Normalization = SoundNormalization.Loudness };

    /// <summary>Whether a name is that of a table of one series.</summary>
    public static bool IsTable(string name) => Path.GetExtension(name).ToLowerInvariant() is ".csv" or ".tsv";

    /// <summary>Reads tables, labelled by folders or names.</summary>
    /// <param name="tree">Where they are.</param>
    /// <param name="files">The files.</param>
    /// <param name="channels">The channels of a run that was planned; null: those that most files have.</param>
    /// <param name="context">Is told how far it is; stops.</param>
    public static SeriesExamples Read(ImageTree tree, IReadOnlyList<SoundFile> files, IReadOnlyList<string>? channels, Spine.TaskContext context)
    {
        channels ??= Channels(tree, files);
        var examples = new SeriesExamples(tree.Place, channels);
        var problems = new Dictionary<string, List<string>>();
        int done = 0, lacking = 0;
        foreach (SoundFile file in files)
        {
            context.Cancel.ThrowIfCancellationRequested();
            string? problem = ReadOne(Path.Combine(tree.Place, file.Name), channels, out float[] values, out int missing);
            if (problem is null) examples.Add(values, file.Label, file.Group, file.Name, file.Part);
            else if (problems.TryGetValue(problem, out List<string>? named)) named.Add(file.Name);
            else problems.Add(problem, [file.Name]);
            if (missing > 0) lacking++;
            if (++done % 100 == 0 || done == files.Count) context.Tell(new Preparing("reading series", done, files.Count));
        }
        foreach ((string problem, List<string> named) in problems)
            examples.Notes.Add($"passed over {Wording.Count(named.Count, "file")} {problem}: "
                + $"{string.Join(", ", named.Take(MostNamed))}{(named.Count > MostNamed ? " …" : "")}");
        if (lacking > 0) examples.Notes.Add($"{Wording.Count(lacking, "file")} lack one of the channels {Wording.Names([.. channels])}, which "
            + $"count as their mean there");
        return examples.Count > 0 ? examples : throw new DataException(tree.Place,
            $"none of its {Wording.Count(files.Count, "file")} has a series in it", "files with a row of numbers for each step");
    }

    /// <summary>Reads a table of one series: null, or why it can't be used.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">The channels.</param>
    /// <param name="values">Its values, (steps, channels).</param>
    /// <param name="missing">How many channels it lacks.</param>
    public static string? ReadOne(string path, IReadOnlyList<string> channels, out float[] values, out int missing)
    {
        (values, missing) = ([], 0);
        try
        {
            RowSource rows = RowSources.Open(path);
            int[] places = [.. channels.Select(c => rows.Columns.ToList().IndexOf(c))];
            missing = places.Count(p => p < 0);
            if (missing == channels.Count) return $"without any of the channels {Wording.Names([.. channels])}";
            if (!rows.HasHeader && rows.Columns.Count != channels.Count) return $"of {Wording.Count(rows.Columns.Count, "column")}, not "
                + $"{channels.Count}";
            var list = new List<float>();
            using RowReader reader = rows.Open();
            while (reader.Read())
                foreach (int p in places)
                {
                    if (p < 0) list.Add(float.NaN);
                    else if (SeriesText.TryRead(reader[p], out float value)) list.Add(value);
                    else return $"with a word among the numbers, such as '{reader[p]}'";
                    if (list.Count > SeriesRows.MostValues) return $"of more than {SeriesRows.MostValues:N0} values";
                }
            if (!list.Any(float.IsFinite)) return "without a single number";
            values = [.. list];
            return null;
        }
        catch (DataException e)
        {
            return $"that can't be read ({e.Problem})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return $"that can't be read ({e.Message.Split('\n')[0]})";
        }
    }

    // What most files have in common, but for a column of times.
    private static string[] Channels(ImageTree tree, IReadOnlyList<SoundFile> files)
    {
        var found = new List<string[]>();
        int step = Math.Max(1, files.Count / LookedFiles);
        for (int i = 0; i < files.Count; i += step)
        {
            try
            {
                found.Add([.. RowSources.Open(Path.Combine(tree.Place, files[i].Name)).Columns]);
            }
            catch (Exception e) when (e is DataException or IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // It is named where it is read whole.
            }
        }
        string[] common = [.. found.SelectMany(f => f).Distinct().Where(c => found.Count(f => f.Contains(c)) * 2 > found.Count)];
        string[] channels = [.. common.Where(c => !SeriesText.IsTime(c))];
        return channels.Length > 0 ? channels : common.Length > 0 ? common
            : throw new DataException(tree.Place, "its files have no columns in common", "files with the same columns, a row for each step");
    }
}
