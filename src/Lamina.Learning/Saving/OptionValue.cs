using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Lamina.Formats;

namespace Lamina.Learning.Saving;

/// <summary>A value in a file's description of a model; what asks for it says which type it must have.</summary>
public readonly struct OptionValue
{
    private readonly OptionSource? _source;
    private readonly string? _path;

    internal OptionValue(OptionSource source, JsonElement json, string path) => (_source, Json, _path) = (source, json, path);

    internal JsonElement Json { get; }

    internal bool IsMissing => _source is null;

    private OptionSource Source => _source ?? throw new InvalidOperationException("there is no value");

    private string Path => _path ?? "";

    /// <summary>Whether it is null.</summary>
    public bool IsNull => Json.ValueKind == JsonValueKind.Null;

    /// <summary>A truth value.</summary>
    /// <exception cref="FileFormatException">It is something else.</exception>
    public bool Boolean() => Json.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault("true or false"),
    };

    /// <summary>A whole number.</summary>
    /// <exception cref="FileFormatException">It is something else, or out of the type's range.</exception>
    public T Integer<T>() where T : struct, IBinaryInteger<T> =>
        Json.ValueKind == JsonValueKind.Number && T.TryParse(Json.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T value)
            ? value : throw Fault($"a whole number (of type {typeof(T).Name})");

    /// <summary>A number.</summary>
    /// <exception cref="FileFormatException">It is something else.</exception>
    public T Number<T>() where T : struct, INumberBase<T>
    {
        if (Json.ValueKind == JsonValueKind.Number && T.TryParse(Json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out T value)
            && T.IsFinite(value)) return value;
        bool isSpecial = Json.ValueKind == JsonValueKind.String && Json.GetString() is "NaN" or "Infinity" or "-Infinity";
        return isSpecial && T.TryParse(Json.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out value) ? value : throw Fault("a number");
    }

    /// <summary>A text.</summary>
    /// <exception cref="FileFormatException">It is something else.</exception>
    public string Text()
    {
        if (Json.ValueKind != JsonValueKind.String) throw Fault("a text");
        try
        {
            return Json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Source.Fault(Path, "a text", "an escape for half of a surrogate pair", e);
        }
    }

    /// <summary>The name of an enum's value.</summary>
    /// <exception cref="FileFormatException">There is none of that name.</exception>
    public T Choice<T>() where T : struct, Enum
    {
        string text = Text();
        bool isName = text.Length > 0 && (char.IsLetter(text[0]) || text[0] == '_');
        return isName && Enum.TryParse(text, ignoreCase: false, out T value) ? value : throw Fault($"one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>A value that is what its text says.</summary>
    /// <exception cref="FileFormatException">The text says nothing of that type.</exception>
    public T Parse<T>() where T : IParsable<T> => T.TryParse(Text(), CultureInfo.InvariantCulture, out T? value) ? value : throw Fault($"a text that says a {typeof(T).Name}");

    /// <summary>A module, or something else that files name.</summary>
    /// <exception cref="FileFormatException">The name is unknown, of another kind, or an option doesn't fit.</exception>
    public T Object<T>() where T : class => Source.Object<T>(Json, Path);

    /// <summary>A record of options.</summary>
    /// <exception cref="FileFormatException">It is something else, or has an option that isn't known.</exception>
    public T Record<T>(Func<OptionReader, T> create) => Source.Record(new OptionReader(Source, Json, Path), create);

    /// <summary>A list.</summary>
    /// <exception cref="FileFormatException">It is something else, or too long.</exception>
    public T[] List<T>(Func<OptionValue, T> element)
    {
        var values = new T[Source.Count(Json, Path)];
        int i = 0;
        foreach (JsonElement json in Json.EnumerateArray()) values[i] = element(new(Source, json, $"{Path}[{i++}]"));
        return values;
    }

    /// <summary>A dictionary with string keys.</summary>
    /// <exception cref="FileFormatException">It is something else.</exception>
    public Dictionary<string, T> Dictionary<T>(Func<OptionValue, T> element)
    {
        if (Json.ValueKind != JsonValueKind.Object) throw Fault("an object");
        var values = new Dictionary<string, T>();
        foreach (JsonProperty property in Json.EnumerateObject()) values[property.Name] = element(new(Source, property.Value, $"{Path}.{property.Name}"));
        return values;
    }

    private FileFormatException Fault(string expected) => Source.Fault(Path, expected, OptionSource.Show(Json));
}
