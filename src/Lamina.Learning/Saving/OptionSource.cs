using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Modules;

namespace Lamina.Learning.Saving;

/// <summary>The JSON that options come from: its file, for messages, its limits, and what was made of it so far.</summary>
internal sealed class OptionSource(string file)
{
    /// <summary>The longest JSON text of a model, in characters.</summary>
    public const int MostText = 16 << 20;

    // Objects that a file may describe, and elements of one list: more than any network has.
    private const int MostObjects = 100_000, MostElements = 1_000_000;

    // Levels of JSON that one level of modules takes, and then some for its options.
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 4 * OptionWriter.MostDepth + 64, AllowDuplicateProperties = false };

    private readonly Dictionary<int, object> _numbered = [];
    private int _objects, _depth;

    /// <summary>Parses a text, which is bounded in length and depth and names nothing twice.</summary>
    /// <exception cref="FileFormatException">It isn't JSON, or too large.</exception>
    public JsonDocument Parse(string text)
    {
        if (text.Length > MostText) throw Fault("", $"a description of at most {MostText:N0} characters", $"{text.Length:N0}");
        try
        {
            return JsonDocument.Parse(text, s_options);
        }
        catch (JsonException e)
        {
            throw Fault("", "JSON in which no name comes twice", ForeignText.Show(e.Message, 200), e);
        }
    }

    /// <summary>Makes an object from its name and options, or finds one that was made before.</summary>
    public T Object<T>(JsonElement json, string path) where T : class
    {
        var reader = new OptionReader(this, json, path);
        if (reader.Get("same", out OptionValue same))
        {
            reader.Finish();
            int number = same.Integer<int>();
            return As<T>(_numbered.GetValueOrDefault(number) ?? throw Fault(path, "the number of a module that comes before", $"{number}"), path);
        }
        string name = reader.Take("type").Text();
        int? id = reader.Get("id", out OptionValue given) ? given.Integer<int>() : null;
        if (++_objects > MostObjects) throw Fault(path, $"at most {MostObjects:N0} modules", "more");
        if (_depth == OptionWriter.MostDepth) throw Fault(path, $"modules in each other at most {OptionWriter.MostDepth} deep", "more");
        if (SavedTypes.Find(name) is not { } type) throw Unknown(typeof(T), name, path);
        if (!typeof(T).IsAssignableFrom(type.Type)) throw Fault(path, Kind(typeof(T)), Quote(name));
        reader.Get("options", out OptionValue options);
        reader.Finish();
        _depth++;
        object made = Made(type, options.IsMissing ? default : options.Json, $"{(path.Length == 0 ? "" : path + ".")}{name}");
        _depth--;
        if (id is { } at && !_numbered.TryAdd(at, made)) throw Fault(path, "a number of its own for each module", $"{at} a second time");
        return As<T>(made, path);
    }

    private object Made(SavedTypes.SavedType type, JsonElement options, string path)
    {
        if (options.ValueKind == JsonValueKind.Undefined) options = s_empty.RootElement;
        var reader = new OptionReader(this, options, path);
        return Record(reader, type.Create);
    }

    // Whatever a constructor says of a value is a fault of the file.
    /// <summary>Makes something from its options, each of which must be known.</summary>
    public T Record<T>(OptionReader reader, Func<OptionReader, T> create)
    {
        T made;
        try
        {
            made = create(reader);
        }
        catch (Exception e) when (e is not FileFormatException)
        {
            throw Fault(reader.Path, "options in their range", ForeignText.Show(e.Message.Split('\n')[0], 300), e);
        }
        reader.Finish();
        return made;
    }

    private static readonly JsonDocument s_empty = JsonDocument.Parse("{}");

    private T As<T>(object made, string path) where T : class => made as T ?? throw Fault(path, Kind(typeof(T)), made.GetType().Name);

    private static string Kind(Type type) => type == typeof(Module) ? "a module" : $"a {type.Name}";

    private FileFormatException Unknown(Type kind, string name, string path)
    {
        string[] near = [.. SavedTypes.Names(kind).Select(n => (Name: n, Far: Distance(n, name))).Where(n => n.Far <= Math.Max(2, name.Length / 3))
            .OrderBy(n => n.Far).Take(3).Select(n => n.Name)];
        return new(file, Place(path),
            $"the name of {Kind(kind)} that this program knows{(near.Length > 0 ? $", such as {string.Join(", ", near)}" : "")}", Quote(name),
            "a program that refers to the library with that class; one of your own is registered where the class is partial in a project with Lamina's generator, or by Model.Register<T>(name)");
    }

    /// <summary>A list's elements, not too many.</summary>
    public int Count(JsonElement list, string path)
    {
        if (list.ValueKind != JsonValueKind.Array) throw Fault(path, "a list", Show(list));
        int count = list.GetArrayLength();
        return count <= MostElements ? count : throw Fault(path, $"at most {MostElements:N0} elements", $"{count:N0}");
    }

    public FileFormatException Fault(string path, string expected, string found, Exception? inner = null) =>
        new(file, Place(path), expected, found, "saving the model again; this description is damaged, or another program wrote it", inner);

    /// <summary>What stands there, short and safe to print.</summary>
    public static string Show(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => ForeignText.Show(json.GetRawText(), 80),
        _ => ForeignText.Show(json.ToString() is { Length: > 0 } text ? text : "null", 40),
    };

    public static string Quote(string text) => $"\"{ForeignText.Show(text, 80)}\"";

    private static string Place(string path) => path.Length == 0 ? "the model's description" : $"the model's description, {ForeignText.Show(path, 300)}";

    // Levenshtein's distance, of letters in any case.
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 20 || b.Length > 200) return int.MaxValue;
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                bool isSame = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (isSame ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
