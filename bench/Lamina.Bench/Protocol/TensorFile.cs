using System.Runtime.InteropServices;

namespace Lamina.Bench.Protocol;

/// <summary>A tensor on its way from one side to the other, in Lamina's layout: float32 values, or int32 ones such as labels.</summary>
public sealed record SentTensor(string Name, int[] Shape, float[]? Floats, int[]? Integers)
{
    public int Count => Shape.Aggregate(1, (a, b) => a * b);
}

/// <summary>A file of tensors that one process writes and the other reads in the same minute; not a format to keep.</summary>
public static class TensorFile
{
    public static void Write(string path, IReadOnlyCollection<SentTensor> tensors)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(tensors.Count);
        foreach (SentTensor tensor in tensors)
        {
            writer.Write(tensor.Name);
            writer.Write(tensor.Floats is not null);
            writer.Write(tensor.Shape.Length);
            foreach (int size in tensor.Shape) writer.Write(size);
            writer.Write(tensor.Floats is not null ? MemoryMarshal.AsBytes(tensor.Floats.AsSpan()) : MemoryMarshal.AsBytes(tensor.Integers.AsSpan()));
        }
    }

    public static List<SentTensor> Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var tensors = new List<SentTensor>();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            string name = reader.ReadString();
            bool isFloat = reader.ReadBoolean();
            var shape = new int[reader.ReadInt32()];
            for (int i = 0; i < shape.Length; i++) shape[i] = reader.ReadInt32();
            int count = shape.Aggregate(1, (a, b) => a * b);
            float[]? floats = isFloat ? new float[count] : null;
            int[]? integers = isFloat ? null : new int[count];
            reader.BaseStream.ReadExactly(isFloat ? MemoryMarshal.AsBytes(floats.AsSpan()) : MemoryMarshal.AsBytes(integers.AsSpan()));
            tensors.Add(new(name, shape, floats, integers));
        }
        return tensors;
    }
}
