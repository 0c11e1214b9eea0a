using System.Text;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>A folder of tables, and short runs on them.</summary>
internal sealed class TableFiles : IDisposable
{
    private readonly TempFolder _folder = new();

    public TaskRunner Runner { get; } = new(AllTasks.Registry);

    public LearningTask Tables { get; } = AllTasks.Registry.Find("tables")!;

    public List<TaskEvent> Events { get; } = [];

    public TaskContext Context => new(Events.Add, TestContext.Current.CancellationToken);

    public IReadOnlyList<string> Notes => Events.OfType<DataReady>().Last().Notes;

    public string[] Warnings => [.. Events.OfType<Warned>().Select(w => w.Message)];

    public string At(string name) => _folder.At(name);

    public void Dispose() => _folder.Dispose();

    public string Write(string name, string text, Encoding? encoding = null)
    {
        encoding ??= new UTF8Encoding(false);
        return _folder.Write(name, [.. encoding.GetPreamble(), .. encoding.GetBytes(text)]);
    }

    public string Write(string name, byte[] bytes) => _folder.Write(name, bytes);

    /// <summary>A header and a row for each number.</summary>
    public string Rows(string name, string header, int count, Func<int, string> row) =>
        Write(name, header + "\n" + string.Concat(Enumerable.Range(0, count).Select(i => row(i) + "\n")));

    public TaskRequest Request(string? data, string run, params (string, object)[] values) =>
        new() { Data = data is null ? null : new DataSource(data), Run = At(run), Values = values.ToDictionary(v => v.Item1, v => v.Item2) };

    /// <summary>A run in brief; where it is refused nothing is left of it.</summary>
    public TaskResult Train(string? data, params (string, object)[] values) => Train(Request(data, "run", [("quick", true), .. values]));

    public TaskResult Train(TaskRequest request)
    {
        Events.Clear();
        return Runner.Train(Tables, request, Context);
    }

    /// <summary>What a run is refused with, as it is told: one line, a way out, and no folder left.</summary>
    public string Refused(string data, params (string, object)[] values)
    {
        Exception error = Record.Exception(() =>
            Train(data, values)) ?? throw new InvalidOperationException($"{data} was not refused: {string.Join("; ", Notes)}");
        Assert.True(error is DataException or TaskException, error.ToString());
        Assert.Contains("\n  try ", error.Message);
        Assert.False(Directory.Exists(At("run")), "a folder was left");
        return error.Message;
    }

    public List<Prediction> Predict(params string[] files) => [.. Runner.Predict(At("run"), files, 5, Context).Items];

    public List<Prediction> Set(params (string, string)[] values) =>
        [.. Runner.Predict(At("run"), new PredictInput([]) { Values = [.. values.Select(v => KeyValuePair.Create(v.Item1, v.Item2))] }, 5, Context).Items];

    public RunInfo Info => RunFolder.Open(At("run")).Info;
}
