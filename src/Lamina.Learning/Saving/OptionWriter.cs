using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lamina.Learning.Modules;

namespace Lamina.Learning.Saving;

/// <summary>Writes the options of what is saved, as JSON: what generated descriptions call.</summary>
public sealed class OptionWriter
{
    /// <summary>How deep modules may lie in each other.</summary>
    internal const int MostDepth = 64;

    private readonly Utf8JsonWriter _json;

    // Objects that were met, with their numbers in the order in which they began; those that were met again.
    private readonly Dictionary<object, int> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<int> _shared;
    private readonly List<object> _open = [];

    private OptionWriter(IBufferWriter<byte> to, HashSet<int> shared)
    {
        // A character that JSON allows as it is makes no file larger than it has to be.
        _json = new(to, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 });
        _shared = shared;
    }

    /// <summary>The JSON text of what <paramref name="body"/> writes.</summary>
    /// <exception cref="NotSavedException">Something can't be saved.</exception>
    internal static string Write(Action<OptionWriter> body)
    {
        // Twice: what is met more than once gets a number, and that is only known at the end.
        HashSet<int> shared = [];
        ArrayBufferWriter<byte> text = new();
        for (int pass = 0; pass < 2; pass++)
        {
            text = new();
            var writer = new OptionWriter(text, shared);
            body(writer);
            writer._json.Flush();
        }
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>The name of the value that follows.</summary>
    public void Name(string name) => _json.WritePropertyName(name);

    /// <summary>Begins an object: names and values.</summary>
    public void StartObject() => _json.WriteStartObject();

    /// <summary>Ends an object.</summary>
    public void EndObject() => _json.WriteEndObject();

    /// <summary>Begins a list.</summary>
    public void StartList() => _json.WriteStartArray();

    /// <summary>Ends a list.</summary>
    public void EndList() => _json.WriteEndArray();

    /// <summary>No value.</summary>
    public void Null() => _json.WriteNullValue();

    /// <summary>A truth value.</summary>
    public void Value(bool value) => _json.WriteBooleanValue(value);

    /// <summary>A whole number.</summary>
    public void Value(long value) => _json.WriteNumberValue(value);

    /// <summary>A whole number.</summary>
    public void Value(ulong value) => _json.WriteNumberValue(value);

    /// <summary>A whole number.</summary>
    public void Value(int value) => _json.WriteNumberValue(value);

    /// <summary>A number, to the bit; what isn't finite is a text, which JSON's numbers can't say.</summary>
    public void Value(double value)
    {
        if (double.IsFinite(value)) _json.WriteNumberValue(value);
        else _json.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc cref="Value(double)"/>
    public void Value(float value)
    {
        if (float.IsFinite(value)) _json.WriteNumberValue(value);
        else _json.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A decimal number.</summary>
    public void Value(decimal value) => _json.WriteNumberValue(value);

    /// <summary>A text.</summary>
    public void Value(string? value) => _json.WriteStringValue(value);

    /// <summary>The name of an enum's value.</summary>
    public void Choice<T>(T value) where T : struct, Enum => _json.WriteStringValue(value.ToString());

    /// <summary>A value that is what its text says.</summary>
    public void Text<T>(T value) where T : IParsable<T> =>
        _json.WriteStringValue(value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value.ToString());

    /// <summary>A module with its options; one that was written before is referred to by its number.</summary>
    /// <exception cref="NotSavedException">It, or one in it, can't be saved.</exception>
    public void Value(Module? module) => Object(module);

    /// <summary>Something that files name, with its options.</summary>
    /// <exception cref="NotSavedException">It can't be saved.</exception>
    public void Value(ISavedByName? value) => Object(value);

    private void Object(object? value)
    {
        if (value is null)
        {
            Null();
            return;
        }
        if (SavedTypes.NameOf(value.GetType()) is not { } name || value is not ISaved saved) throw NotSavedException.For(value);
        if (_seen.TryGetValue(value, out int known) && value is Module)
        {
            if (_open.Contains(value, ReferenceEqualityComparer.Instance))
                throw new NotSavedException($"{value} holds itself", "a network without a circle of modules");
            _shared.Add(known);
            StartObject();
            Name("same");
            Value(known);
            EndObject();
            return;
        }
        if (_open.Count == MostDepth)
            throw new NotSavedException($"modules lie in each other more than {MostDepth} deep",
                "fewer levels of modules, such as one Sequential instead of nested ones");
        int number = _seen.Count;
        _seen[value] = number;
        _open.Add(value);
        StartObject();
        Name("type");
        Value(name);
        if (_shared.Contains(number))
        {
            Name("id");
            Value(number);
        }
        Name("options");
        StartObject();
        saved.Describe(this);
        EndObject();
        EndObject();
        _open.RemoveAt(_open.Count - 1);
    }
}

/// <summary>Something that can't be saved: the message says what, why, and the way out.</summary>
public sealed class NotSavedException(string cause, string wayOut) : Exception($"{cause}\n  try {wayOut}")
{
    /// <summary>Why it can't be saved, without a full stop.</summary>
    public string Cause { get; } = cause;

    /// <summary>What to do about it.</summary>
    public string WayOut { get; } = wayOut;

    internal static NotSavedException For(object value)
    {
        Type type = value.GetType();
        if (SavedTypes.Rival(type) is { } rival)
            return new($"{type.FullName} and {rival.FullName} are saved under one name", $"[SavedAs(\"another name\")] on class {type.Name}");
        if (type.IsGenericType) return new($"{type.Name.Split('`')[0]} is generic, and files name no type arguments", "a class that isn't generic");
        return new($"{type.FullName} doesn't say what it is made of",
            $"'partial class {type.Name}' (and partial types around it), with each parameter of its constructor kept in a field or property of the same name; warning LAMINA005 names one that isn't");
    }
}
