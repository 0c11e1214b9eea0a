using System.Text.Json;
using Lamina.Formats;

namespace Lamina.Learning.Saving;

/// <summary>Reads the options of what is made again from a file; generated code calls it. Every value is checked, and each option must be known.</summary>
public sealed class OptionReader
{
    private readonly OptionSource _source;
    private readonly JsonElement _object;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    internal OptionReader(OptionSource source, JsonElement json, string path)
    {
        (_source, _object, Path) = (source, json, path);
        if (json.ValueKind != JsonValueKind.Object) throw source.Fault(path, "an object of options", OptionSource.Show(json));
    }

    /// <summary>Where in the file the options are, for messages.</summary>
    internal string Path { get; }

    /// <summary>An option that the file may leave out.</summary>
    /// <returns>Whether the file has it.</returns>
    public bool Get(string name, out OptionValue value)
    {
        _taken.Add(name);
        bool found = _object.TryGetProperty(name, out JsonElement json);
        value = found ? new(_source, json, Path.Length == 0 ? name : $"{Path}.{name}") : default;
        return found;
    }

    /// <summary>An option that the file must have.</summary>
    /// <exception cref="FileFormatException">It has not.</exception>
    public OptionValue Take(string name) => Get(name, out OptionValue value) ? value : throw _source.Fault(Path, $"the option \"{name}\"", "none of that name");

    /// <summary>Refuses options that nobody took.</summary>
    internal void Finish()
    {
        foreach (JsonProperty property in _object.EnumerateObject())
            if (!_taken.Contains(property.Name))
                throw _source.Fault(Path, _taken.Count == 0 ? "no options"
                    : $"options among {string.Join(", ", _taken.Order(StringComparer.Ordinal))}", OptionSource.Quote(property.Name));
    }
}
