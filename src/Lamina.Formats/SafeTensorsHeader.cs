using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Lamina.Tensors.Shapes;

namespace Lamina.Formats;

/// <summary>Parses the JSON header of a safetensors file.</summary>
internal ref struct SafeTensorsHeader
{
    private const int Start = sizeof(ulong);
    private const string Damaged = SafeTensorsLayout.Damaged;
    // The most that one tensor's memory holds: an array less the alignment.
    private static readonly long s_mostBytes = Array.MaxLength - 64;

    private readonly string _file;
    private readonly ReadOnlySpan<byte> _bytes;
    private Utf8JsonReader _json;
    private string? _name;

    private SafeTensorsHeader(string file, ReadOnlySpan<byte> bytes)
    {
        _file = file;
        _bytes = bytes;
        _json = new(bytes);
    }

    /// <summary>The tensors in the header's order.</summary>
    public List<SafeTensorsEntry> Entries { get; } = [];

    /// <summary>The free text in the header's order.</summary>
    public OrderedDictionary<string, string> Metadata { get; } = [];

    /// <summary>Parses and checks a header, all but what the offsets have to do with each other.</summary>
    /// <exception cref="FileFormatException">It is not one.</exception>
    public static SafeTensorsHeader Parse(string file, ReadOnlySpan<byte> bytes)
    {
        SafeTensorsHeader header = new(file, bytes);
        header.CheckUtf8();
        header.Next();
        header.ReadEntries();
        header.Next();
        return header;
    }

    private void ReadEntries()
    {
        HashSet<string> names = [];
        while (NextName("a tensor's name") is string name)
        {
            if (!names.Add(name)) throw Fault("a name of its own for each tensor", $"{FileFormatException.Quote(name)} a second time");
            _name = name;
            Next();
            if (name == SafeTensors.MetadataName) ReadMetadata();
            else Entries.Add(ReadEntry(name));
            _name = null;
        }
    }

    private void ReadMetadata()
    {
        Require(JsonTokenType.StartObject, "an object of texts");
        while (NextName("a key") is string key)
        {
            Next();
            Require(JsonTokenType.String, $"a text for the key {FileFormatException.Quote(key)}");
            if (!Metadata.TryAdd(key, Text())) throw Fault("each key once", $"{FileFormatException.Quote(key)} a second time");
        }
    }

    private SafeTensorsEntry ReadEntry(string name)
    {
        Require(JsonTokenType.StartObject, "an object with dtype, shape and data_offsets");
        DType? type = null;
        long[]? sizes = null, offsets = null;
        while (NextName("dtype, shape or data_offsets") is string key)
        {
            bool again = key switch { "dtype" => type is not null, "shape" => sizes is not null, "data_offsets" => offsets is not null, _ => false };
            if (again) throw Fault("each key once", $"{key} a second time");
            string found = FileFormatException.Quote(key);
            Next();
            switch (key)
            {
                case "dtype": type = ReadType(); break;
                case "shape": sizes = ReadIntegers("shape", Shape.MaxRank, $"at most {Shape.MaxRank} axes"); break;
                case "data_offsets": offsets = ReadIntegers("data_offsets", 2, "two integers"); break;
                default: throw Fault("dtype, shape and data_offsets only", found);
            }
        }
        if (type is null || sizes is null || offsets is null)
            throw Fault("dtype, shape and data_offsets", $"no {(type is null ? "dtype" : sizes is null ? "shape" : "data_offsets")}");
        if (offsets.Length != 2) throw Fault("data_offsets of two integers", $"{offsets.Length}");
        return Checked(name, type.Value, sizes, offsets[0], offsets[1]);
    }

    private readonly SafeTensorsEntry Checked(string name, DType type, long[] sizes, long begin, long end)
    {
        string shape = $"({string.Join(", ", sizes)})";
        if (begin > end) throw Fault("data_offsets whose begin is not after their end", $"[{begin}, {end}]");
        if (!TryCount(sizes, out long bytes) || !TryMultiply(bytes, type.Size, out bytes))
            throw Fault("a shape whose size in bytes is below 2^63", shape);
        if (end - begin != bytes)
            throw Fault($"data_offsets {bytes} bytes apart, for {SafeTensorsTypes.Name(type)} {shape}", $"[{begin}, {end}], {end - begin} bytes");
        // An empty tensor's other sizes have to be addressable too, so zero counts as one here.
        long[] atLeastOne = Array.ConvertAll(sizes, size => Math.Max(size, 1));
        if (!TryCount(atLeastOne, out long count) || count > int.MaxValue || bytes > s_mostBytes)
            throw new FileFormatException(_file, At, $"at most {int.MaxValue} elements in {s_mostBytes} bytes", $"the shape {shape}, {bytes} bytes",
                "splitting the tensor where the file is made: one tensor holds no more");
        Shape axes = new(Array.ConvertAll(sizes, size => (int)size));
        return new(name, new Spec(type, axes), begin, end);
    }

    private DType ReadType()
    {
        Require(JsonTokenType.String, "the name of a dtype");
        string name = Text();
        if (SafeTensorsTypes.Find(name) is DType type) return type;
        if (SafeTensorsTypes.IsUnsupported(name))
            throw new FileFormatException(_file, At, $"one of the dtypes {SafeTensorsTypes.Names}", $"{name}, which is not supported",
                "converting the tensor to one of them where the file is made");
        throw Fault($"one of the dtypes {SafeTensorsTypes.Names}", FileFormatException.Quote(name));
    }

    private long[] ReadIntegers(string key, int most, string limit)
    {
        Require(JsonTokenType.StartArray, $"{key} to be a list of integers");
        Span<long> values = stackalloc long[Shape.MaxRank];
        int count = 0;
        while (true)
        {
            Next();
            if (_json.TokenType == JsonTokenType.EndArray) return values[..count].ToArray();
            if (count == most) throw Fault($"{key} of {limit}", "more");
            bool isNumber = _json.TokenType == JsonTokenType.Number && _json.ValueSpan[0] != '-';
            if (!isNumber || !_json.TryGetInt64(out values[count])) throw Fault($"{key} of integers from 0 to 2^63 - 1", Token());
            count++;
        }
    }

    /// <summary>The next name of the object, or null at its end.</summary>
    private string? NextName(string what)
    {
        Next();
        if (_json.TokenType == JsonTokenType.EndObject) return null;
        Require(JsonTokenType.PropertyName, what);
        return Text();
    }

    private readonly void Require(JsonTokenType type, string what)
    {
        if (_json.TokenType != type) throw Fault(what, Token());
    }

    private void Next()
    {
        try
        {
            _json.Read();
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    private readonly string Text()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new FileFormatException(_file, At, "text", "an escape for half of a surrogate pair", Damaged, e);
        }
    }

    private readonly void CheckUtf8()
    {
        if (Utf8.IsValid(_bytes)) return;
        int at = 0;
        while (Rune.DecodeFromUtf8(_bytes[at..], out _, out int taken) == System.Buffers.OperationStatus.Done) at += taken;
        throw new FileFormatException(_file, $"byte {Start + at}, in the header", "valid UTF-8", $"byte 0x{_bytes[at]:x2}", Damaged);
    }

    private readonly FileFormatException NotJson(JsonException e)
    {
        int line = 0;
        for (long lines = e.LineNumber ?? 0; lines > 0; lines--) line += _bytes[line..].IndexOf((byte)'\n') + 1;
        long at = Math.Min(line + (e.BytePositionInLine ?? 0), _bytes.Length);
        string found = at < _bytes.Length ? FileFormatException.Quote(Encoding.UTF8.GetString(_bytes[(int)at..Math.Min((int)at + 12, _bytes.Length)]))
            : "the end of the header";
        return new(_file, $"byte {Start + at}, in the header", "valid JSON", found, Damaged, e);
    }

    // What stands there, as the file spells it.
    private readonly string Token() => _json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        _ => Encoding.UTF8.GetString(_json.ValueSpan[..Math.Min(_json.ValueSpan.Length, 40)]),
    };

    private readonly string At => _name is null ? $"byte {Start + _json.TokenStartIndex}, in the header" : $"entry {FileFormatException.Quote(_name)}";

    private readonly FileFormatException Fault(string expected, string found) => new(_file, At, expected, found, Damaged);

    // A zero anywhere makes the count zero, whatever the other sizes are.
    private static bool TryCount(long[] sizes, out long count)
    {
        count = sizes.Contains(0) ? 0 : 1;
        foreach (long size in sizes)
            if (!TryMultiply(count, size, out count)) return false;
        return true;
    }

    private static bool TryMultiply(long a, long b, out long product)
    {
        Int128 exact = (Int128)a * b;
        product = (long)exact;
        return exact <= long.MaxValue;
    }
}
