using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Modules;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

/// <summary>A network's architecture and what is known of it, as the JSON text in a model file's metadata.</summary>
internal static class ModelText
{
    /// <summary>The text.</summary>
    /// <exception cref="NotSavedException">Something can't be saved.</exception>
    public static string Write(Network network, ModelInfo info) => OptionWriter.Write(to =>
    {
        to.StartObject();
        to.Name("format");
        to.Value(Model.FormatVersion);
        to.Name("library");
        to.Value(Model.LibraryVersion);
        to.Name("task");
        to.Value(info.Task);
        to.Name("network");
        to.Value(network);
        to.Name("inputs");
        List(to, info.Inputs, Write);
        to.Name("outputs");
        List(to, info.Outputs, Write);
        to.Name("notes");
        to.StartObject();
        foreach ((string name, string note) in info.Notes.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            to.Name(name);
            to.Value(note);
        }
        to.EndObject();
        to.EndObject();
    });

    /// <summary>The network, without its weights, and what is known of it.</summary>
    /// <exception cref="FileFormatException">The text is damaged, from a later version, or names what this program doesn't know.</exception>
    public static SavedNetwork Read(string text, string file)
    {
        var source = new OptionSource(file);
        using JsonDocument json = source.Parse(text);
        try
        {
            var from = new OptionReader(source, json.RootElement, "");
            int format = from.Take("format").Integer<int>();
            if (format > Model.FormatVersion)
                throw new FileFormatException(file, "the model's description", $"a format version up to {Model.FormatVersion}",
                    $"format version {format}; this Lamina reads up to {Model.FormatVersion}", "a later version of Lamina");
            if (format < 1) throw source.Fault("format", "a format version from 1", $"{format}");
            var info = new ModelInfo
            {
                FormatVersion = format,
                LibraryVersion = from.Take("library").Text(),
                Task = from.Take("task").Text(),
                Inputs = from.Take("inputs").List(static v => v.Record(ReadInput)),
                Outputs = from.Take("outputs").List(static v => v.Record(ReadOutput)),
                Notes = from.Take("notes").Dictionary(static v => v.Text()),
            };
            Network network = source.Object<Network>(from.Take("network").Json, "");
            from.Finish();
            if (info.Inputs.Count > network.InputNames.Count)
                throw source.Fault("inputs", $"at most {network.InputNames.Count}, as the network has", $"{info.Inputs.Count}");
            if (info.Outputs.Count > network.OutputNames.Count)
                throw source.Fault("outputs", $"at most {network.OutputNames.Count}, as the network has", $"{info.Outputs.Count}");
            return new(network, info);
        }
        catch (InvalidOperationException e)
        {
            throw source.Fault("", "names and texts in UTF-8", "half of a surrogate pair", e);
        }
    }

    private static void List<T>(OptionWriter to, IReadOnlyList<T> items, Action<OptionWriter, T> write)
    {
        to.StartList();
        foreach (T item in items)
        {
            to.StartObject();
            write(to, item);
            to.EndObject();
        }
        to.EndList();
    }

    private static void Write(OptionWriter to, InputInfo input)
    {
        to.Name("name");
        to.Value(input.Name);
        to.Name("type");
        to.Choice(input.Type);
        to.Name("shape");
        if (input.Shape is { } shape)
        {
            to.StartList();
            foreach (int size in shape.Span) to.Value(size);
            to.EndList();
        }
        else to.Null();
        to.Name("preprocessing");
        to.StartList();
        foreach (Preprocessing step in input.Preprocessing) to.Value(step);
        to.EndList();
    }

    private static InputInfo ReadInput(OptionReader from) => new()
    {
        Name = from.Take("name").Text(),
        Type = from.Take("type").Choice<DType>(),
        Shape = from.Take("shape") is { IsNull: false } shape ? new Shape(shape.List(static v => v.Integer<int>())) : (Shape?)null,
        Preprocessing = from.Take("preprocessing").List(static v => v.Object<Preprocessing>()),
    };

    private static void Write(OptionWriter to, OutputInfo output)
    {
        to.Name("name");
        to.Value(output.Name);
        to.Name("meaning");
        to.Value(output.Meaning);
    }

    private static OutputInfo ReadOutput(OptionReader from) => new()
    {
        Name = from.Take("name").Text(),
        Meaning = from.Take("meaning") is { IsNull: false } meaning ? meaning.Object<OutputMeaning>() : null,
    };
}
