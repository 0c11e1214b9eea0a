using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Spine;

/// <summary>Looks at the data of any task: how many examples of what, which are equal, what the targets are.</summary>
/// <param name="task">The task.</param>
/// <param name="output">What is learned.</param>
/// <param name="data">The data.</param>
/// <param name="context">Is told how far it is; cancelled, it stops.</param>
internal sealed class DataInspection(LearningTask task, OutputMeaning output, TaskData data, TaskContext context)
{
    private const int AtOnce = 512, Shown = 24, MostRead = 1_000_000, FewOfClass = 10;
    private const double Imbalanced = 10, FarOff = 8;

    private readonly List<DataFinding> _findings = [];

    /// <summary>What was seen.</summary>
    /// <param name="own">What the task itself says of its data.</param>
    public DataLook Look(DataDetails own)
    {
        (string Name, Dataset Set)[] sets = [("training", data.Training), ("validation", data.Validation), ("test", data.Test)];
        int total = sets.Sum(s => s.Set.Count), done = 0;
        var looked = new List<LookedPart>();
        foreach ((string name, Dataset set) in sets) looked.Add(Read(name, set, ref done, total));
        DataPart[] parts = [.. looked.Select(l => l.Part)];
        Balance(parts);
        Ranges(parts);
        Duplicates(looked);
        _findings.AddRange(own.Findings);
        foreach (string note in data.Notes.Where(n => !_findings.Exists(f => f.Text == n))) _findings.Add(new("note", false, note));
        (DataSample[] samples, DataSample[] varied) = Samples();
        return new(task.Name, data.Source, data.Input, output, parts, [.. _findings.OrderByDescending(f => f.IsWarning)]) { Columns = own.Columns,
            Samples = samples, Varied = varied };
    }

    private sealed record LookedPart(DataPart Part, UInt128[] Hashes);

    private LookedPart Read(string name, Dataset set, ref int done, int total)
    {
        bool isPicture = set.Count > 0 && task.Show(set, 0) is ImageSample; // as it was read, not as it is varied
        int count = Math.Min(set.Count, MostRead), classes = (output as ClassOutput)?.Names.Count ?? 0;
        IReadOnlyList<NumberOutput> numbers = output switch { NumberOutput one => [one], NumbersOutput several => several.Numbers, _ => [] };
        var hashes = new UInt128[count];
        var counts = new long[classes];
        var sums = new RunningRange[numbers.Count];
        bool hasTargets = false;
        int blank = 0;
        for (int first = 0; first < count; first += AtOnce)
        {
            context.Cancel.ThrowIfCancellationRequested();
            context.Tell(new Preparing("looking at examples", done, total));
            int[] indices = [.. Enumerable.Range(first, Math.Min(AtOnce, count - first))];
            Batch batch = set.Take(indices);
            for (int i = 0; i < indices.Length; i++)
            {
                ImageSample? image = isPicture ? task.Show(set, indices[i]) as ImageSample : null;
                hashes[first + i] = image is null ? HashOf(batch, i) : Half(SHA256.HashData(image.Pixels));
                if (image is not null && !image.Pixels.AsSpan().ContainsAnyExcept(image.Pixels[0])) blank++;
            }
            done += indices.Length;
            if (batch.Targets.Count == 0) continue;
            Tensor target = batch.Target;
            hasTargets = true;
            if (classes > 0 && target.DType.IsInteger)
                foreach (long label in target.Cast(DType.Int64).Read<long>())
                    if (label >= 0 && label < classes) counts[label]++;
            if (numbers.Count > 0 && target.DType.IsFloat && target.Count == indices.Length * numbers.Count)
            {
                ReadOnlySpan<float> values = target.Cast(DType.Float32).Read<float>();
                for (int i = 0; i < values.Length; i++) sums[i % numbers.Count].Add(numbers[i % numbers.Count].ToUnit(values[i]));
            }
        }
        if (blank > 0) _findings.Add(new("blank", true, Text($"{blank:N0} of {count:N0} {name} images have one colour alone")) { Count = blank });
        if (count < set.Count) _findings.Add(new("sampled", false,
            Text($"of the {set.Count:N0} {name} examples the first {count:N0} were looked at")));
        return new(new DataPart(name, set.Count)
        {
            Classes = hasTargets && classes > 0 && counts.Sum() > 0 ? counts : null,
            Numbers = hasTargets && numbers.Count > 0 && sums[0].Count > 0 ? [.. numbers.Select((n, i) => sums[i].Range(n.Name))] : null,
        }, hashes);
    }

    private static UInt128 HashOf(Batch batch, int index)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Tensor input in batch.Inputs.Span)
        {
            Tensor one = input.Narrow(0, index, 1);
            if (one.DType == DType.Float32) hash.AppendData(MemoryMarshal.AsBytes(one.Read<float>()));
            else if (one.DType == DType.Int32) hash.AppendData(MemoryMarshal.AsBytes(one.Read<int>()));
            else if (one.DType == DType.Int64) hash.AppendData(MemoryMarshal.AsBytes(one.Read<long>()));
            else if (one.DType == DType.UInt8) hash.AppendData(one.Read<byte>());
            else hash.AppendData(MemoryMarshal.AsBytes(one.Cast(DType.Float32).Read<float>()));
        }
        return Half(hash.GetHashAndReset());
    }

    private static UInt128 Half(byte[] hash) => MemoryMarshal.Read<UInt128>(hash);

    private void Balance(DataPart[] parts)
    {
        if (output is not ClassOutput classes || parts.All(p => p.Classes is null)) return;
        foreach (DataPart part in parts.Where(p => p.Classes is not null))
        {
            string[] missing = [.. classes.Names.Where((_, c) => part.Classes![c] == 0)];
            if (missing.Length > 0 && part.Count > 0) _findings.Add(new("missingClass", true,
                $"no example of {Wording.Names(missing)} in the {part.Name} part") { Count = missing.Length });
        }
        long[] training = [.. parts[0].Classes ?? []];
        if (training.Length == 0) return;
        string[] few = [.. classes.Names.Where((_, c) => training[c] > 0 && training[c] < FewOfClass)];
        if (few.Length > 0) _findings.Add(new("fewExamples", true,
            $"{Wording.Names(few)} {(few.Length == 1 ? "has" : "have")} fewer than {FewOfClass} training examples") { Count = few.Length });
        long least = training.Where(c => c > 0).DefaultIfEmpty().Min(), most = training.Max();
        if (least > 0 && most >= Imbalanced * least)
            _findings.Add(new("imbalance", true,
                Text($"classes are imbalanced: '{classes.Names[Array.IndexOf(training, most)]}' has {(double)most / least:0.#} times the training examples of '{classes.Names[Array.IndexOf(training, least)]}'")));
    }

    private void Ranges(DataPart[] parts)
    {
        if (parts[0].Numbers is not { } training) return;
        for (int n = 0; n < training.Count; n++)
        {
            NumberRange range = training[n];
            if (range.Deviation == 0) _findings.Add(new("constantTarget", true, $"{range.Name} has one value in all training examples"));
            else if (Math.Max(range.Greatest - range.Mean, range.Mean - range.Least) > FarOff * range.Deviation)
                _findings.Add(new("outliers", true,
                    Text($"{range.Name} has values as far as {Math.Max(range.Greatest - range.Mean, range.Mean - range.Least) / range.Deviation:0} deviations from its mean")));
            foreach (DataPart part in parts.Skip(1).Where(p => p.Numbers is not null))
                if (part.Numbers![n].Least < range.Least - range.Deviation || part.Numbers[n].Greatest > range.Greatest + range.Deviation)
                    _findings.Add(new("range", true,
                        Text($"{range.Name} goes beyond the training part's {range.Least:G5} to {range.Greatest:G5} in the {part.Name} part: {part.Numbers[n].Least:G5} to {part.Numbers[n].Greatest:G5}")));
        }
    }

    private void Duplicates(List<LookedPart> parts)
    {
        foreach (LookedPart part in parts)
        {
            int within = part.Hashes.Length - part.Hashes.Distinct().Count();
            if (within > 0) _findings.Add(new("duplicates", false,
                Text($"{within:N0} of {part.Hashes.Length:N0} {part.Part.Name} examples are equal to others of the part")) { Count = within });
        }
        for (int a = 0; a < parts.Count; a++)
        {
            var known = new HashSet<UInt128>(parts[a].Hashes);
            for (int b = a + 1; b < parts.Count; b++)
            {
                int common = parts[b].Hashes.Count(known.Contains);
                if (common > 0 && !ReferenceEquals(Set(a), Set(b)))
                    _findings.Add(new("duplicatesBetween", true,
                        Text($"{common:N0} of {parts[b].Hashes.Length:N0} {parts[b].Part.Name} examples are in the {parts[a].Part.Name} part too: the result looks better than it is")) { Count = common });
            }
        }

        Dataset Set(int part) => part switch { 0 => data.Training, 1 => data.Validation, _ => data.Test };
    }

    private (DataSample[] Samples, DataSample[] Varied) Samples()
    {
        Dataset set = data.Training;
        if (set.Count == 0) return ([], []);
        int count = Math.Min(Shown, set.Count);
        int[] indices = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * set.Count / count))];
        var samples = new List<DataSample>();
        Batch batch = set.Take(indices);
        string[] labels = [.. indices.Select((_, i) => LabelOf(batch, i))];
        for (int i = 0; i < indices.Length; i++)
            if (task.Show(set, indices[i]) is { } sample) samples.Add(new(labels[i], sample));
        return ([.. samples], Varied(batch, labels));
    }

    // Float32 images, (height, width, 1 or 3): the least of all becomes black, the greatest white.
    private static DataSample[] Varied(Batch batch, string[] labels)
    {
        Tensor x = batch.Inputs[0];
        if (x.Rank != 4 || x.DType != DType.Float32 || x.Shape[3] is not (1 or 3) || x.Shape[1] < 4 || x.Shape[2] < 4) return [];
        float[] values = x.ToArray<float>();
        (float low, float high) = (values.Min(), values.Max());
        int size = values.Length / x.Shape[0];
        return [.. labels.Select((label, i) => new DataSample(label, new ImageSample(
            [.. values.AsSpan(i * size, size).ToArray().Select(v => (byte)(high > low ? 255 * (v - low) / (high - low) : 0))], x.Shape[1],
                x.Shape[2], x.Shape[3])))];
    }

    private string LabelOf(Batch batch, int index)
    {
        if (batch.Targets.Count == 0) return "";
        Tensor target = batch.Target;
        if (output is ClassOutput classes && target.DType.IsInteger && target.Rank == 1)
            return target.Cast(DType.Int32).Read<int>()[index] is var c && c >= 0 && c < classes.Names.Count ? classes.Names[c] : "";
        IReadOnlyList<NumberOutput> numbers = output switch { NumberOutput one => [one], NumbersOutput several => several.Numbers, _ => [] };
        if (numbers.Count == 0 || !target.DType.IsFloat || target.Count != batch.Count * numbers.Count) return "";
        float[] values = target.Cast(DType.Float32).ToArray<float>();
        return string.Join(", ", numbers.Take(3).Select((n, i) => Text($"{n.ToUnit(values[index * numbers.Count + i]):G5}")));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a task knows of its own data.</summary>
internal sealed record DataDetails
{
    /// <summary>What stands out.</summary>
    public IReadOnlyList<DataFinding> Findings { get; init; } = [];

    /// <summary>The columns of a table.</summary>
    public IReadOnlyList<DataColumn> Columns { get; init; } = [];
}

/// <summary>Least, greatest, mean and deviation of numbers, one after the other (Welford, 1962).</summary>
internal struct RunningRange
{
    private double _least, _greatest, _mean, _squares;

    public long Count { get; private set; }

    public void Add(double value)
    {
        if (!double.IsFinite(value)) return;
        (_least, _greatest) = Count == 0 ? (value, value) : (Math.Min(_least, value), Math.Max(_greatest, value));
        double before = value - _mean;
        _mean += before / ++Count;
        _squares += before * (value - _mean);
    }

    public readonly NumberRange Range(string name) => new(name, _least, _greatest, _mean, Count == 0 ? 0 : Math.Sqrt(_squares / Count));
}
