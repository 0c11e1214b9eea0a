using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Formats;

/// <summary>Lays out a safetensors file and writes it.</summary>
internal sealed class SafeTensorsWriter
{
    private const int Alignment = 8;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<(string Name, byte[] Utf8, Tensor Tensor)> _entries = [];
    private readonly ArrayBufferWriter<byte> _header = new();

    public SafeTensorsWriter(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        HashSet<string> names = [];
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (name == SafeTensors.MetadataName)
                throw new ArgumentException($"a tensor can't be named {name}: the format keeps that for the metadata; give it another name");
            if (!names.Add(name)) throw new ArgumentException($"two tensors are named {FileFormatException.Quote(name)}; give one of them another name");
            _entries.Add((name, Utf8(name), tensor));
        }
        _entries.Sort(static (a, b) =>
        {
            int order = SafeTensorsTypes.Order(a.Tensor.DType).CompareTo(SafeTensorsTypes.Order(b.Tensor.DType));
            return order != 0 ? order : a.Utf8.AsSpan().SequenceCompareTo(b.Utf8);
        });
        WriteHeader(metadata);
        if (_header.WrittenCount > SafeTensors.MaxHeaderBytes)
            throw new ArgumentException($"the header has {_header.WrittenCount:N0} bytes, and the format allows {SafeTensors.MaxHeaderBytes:N0}; use shorter metadata or several files");
    }

    /// <summary>Writes the whole file.</summary>
    public void WriteTo(Stream stream)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)_header.WrittenCount);
        stream.Write(length);
        stream.Write(_header.WrittenSpan);
        foreach ((_, _, Tensor tensor) in _entries)
        {
            if (BitConverter.IsLittleEndian)
            {
                stream.Write(tensor.ReadBytes());
                continue;
            }
            byte[] bytes = tensor.ReadBytes().ToArray();
            ByteOrder.Reverse(bytes, tensor.DType.Size);
            stream.Write(bytes);
        }
    }

    private void WriteHeader(IReadOnlyDictionary<string, string>? metadata)
    {
        using (Utf8JsonWriter json = new(_header, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata?.Count > 0) WriteMetadata(json, metadata);
            long offset = 0;
            foreach ((_, byte[] name, Tensor tensor) in _entries)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype"u8, SafeTensorsTypes.Name(tensor.DType));
                json.WriteStartArray("shape"u8);
                foreach (int size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets"u8);
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Spec.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // The length before the header is 8 bytes long, so this aligns the values as well.
        int padding = -_header.WrittenCount & (Alignment - 1);
        _header.GetSpan(Alignment)[..padding].Fill((byte)' ');
        _header.Advance(padding);
    }

    // By name, because a dictionary's own order may change from run to run.
    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafeTensors.MetadataName);
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(Utf8(key), Utf8(value));
        json.WriteEndObject();
    }

    private static byte[] Utf8(string text)
    {
        try
        {
            return s_strict.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"{FileFormatException.Quote(text)} has half of a surrogate pair, which UTF-8 can't say; change that name or text", e);
        }
    }
}
