using System.Text.Json;
using Lamina.Formats;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Spine;

/// <summary><c>folds.json</c> in the folder of a cross-validation: what was asked for, so that it can be resumed.</summary>
internal static class FoldsFile
{
    private const int CurrentFormat = 1;
    private const long MostBytes = 1 << 20;

    /// <summary>Says in a claimed folder what is cross-validated.</summary>
    /// <exception cref="SaveException">It can't be written.</exception>
    public static void Write(string folder, LearningTask task, TaskRequest request) => AtomicFile.Write(PathIn(folder), stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("format", CurrentFormat);
        json.WriteString("task", task.Name);
        json.WriteString("version", RunFolder.Version);
        json.WriteString("created", DateTimeOffset.UtcNow);
        json.WriteString("data", Full(request.Data?.Path));
        if (request.Data is null) json.WriteString("builtIn", task.BuiltInData);
        json.WriteStartObject("values");
        foreach ((string name, object value) in request.Values)
            switch (value)
            {
                case bool flag: json.WriteBoolean(name, flag); break;
                case long whole: json.WriteNumber(name, whole); break;
                case double number: json.WriteNumber(name, number); break;
                default: json.WriteString(name, name == CommonOptions.From ? Full((string)value) : (string)value); break;
            }
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Whether a folder is that of a cross-validation.</summary>
    public static bool IsIn(string folder) => File.Exists(PathIn(folder));

    /// <summary>What a cross-validation was asked to be.</summary>
    /// <exception cref="TaskException">The file can't be read, or says what makes no sense.</exception>
    public static (LearningTask Task, TaskRequest Request) Read(string folder, TaskRegistry tasks)
    {
        string file = PathIn(folder);
        try
        {
            if (new FileInfo(file).Length > MostBytes) throw new JsonException("it is too large");
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement root = json.RootElement;
            int format = root.GetProperty("format").GetInt32();
            if (format != CurrentFormat) throw new JsonException($"format version {format}; this Lamina reads up to {CurrentFormat}");
            string name = root.GetProperty("task").GetString() ?? throw new JsonException("it names no task");
            LearningTask task = tasks.Find(name) ?? throw new JsonException($"there is no task {name}, only {string.Join(", ", tasks.Tasks)}");
            bool isFromCode = root.TryGetProperty("builtIn", out JsonElement builtIn) && builtIn.GetString() == RunInfo.RowsFromCode;
            if (isFromCode != (task.BuiltInData == RunInfo.RowsFromCode))
            {
                throw isFromCode ? new TaskException($"{folder} was trained on {RunInfo.RowsFromCode}", "the program that has the rows: TableLearning.Resume")
                    : new TaskException($"{folder} was not trained on {RunInfo.RowsFromCode}", "TaskRunner.Resume, which reads the data again");
            }
            var options = CommonOptions.All.Concat(task.Options).ToDictionary(o => o.Name);
            var values = new Dictionary<string, object>();
            foreach (JsonProperty property in root.GetProperty("values").EnumerateObject())
            {
                if (!options.TryGetValue(property.Name, out TaskOption? option)) throw new JsonException($"the task {name} has no option {property.Name}");
                values[property.Name] = Value(option, property.Value);
            }
            var request = new TaskRequest { Data = root.GetProperty("data").GetString() is { } path ? new DataSource(path) : null, Values = values };
            OptionCheck.Require(task, request);
            return request.Whole(CommonOptions.Folds) is null ? throw new JsonException("it has no number of folds") : (task, request);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException)
        {
            throw new TaskException($"{file} can't be read: {e.Message}", "a copy of it from a backup, or a new run");
        }
    }

    private static object Value(TaskOption option, JsonElement value) => option.Kind switch
    {
        OptionKind.Flag => value.GetBoolean(),
        OptionKind.Whole => value.GetInt64(),
        OptionKind.Positive or OptionKind.Number or OptionKind.Share => value.GetDouble(),
        _ => value.GetString() ?? throw new JsonException($"{option.Name} is null"),
    };

    private static string PathIn(string folder) => Path.Combine(folder, RunFolder.FoldsFile);

    // It may be resumed from another folder.
    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
