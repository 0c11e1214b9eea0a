using Lamina.Tensors.Shapes;

namespace Lamina.Formats;

/// <summary>The element types of safetensors files: which are ours, and in what order the reference writer sorts them.</summary>
internal static class SafeTensorsTypes
{
    // As the reference implementation orders them: values that need a larger alignment come first.
    private static readonly (string Name, DType Type)[] s_types =
    [
        ("I64", DType.Int64), ("F64", DType.Float64), ("F32", DType.Float32), ("I32", DType.Int32),
        ("BF16", DType.BFloat16), ("F16", DType.Float16), ("U8", DType.UInt8), ("BOOL", DType.Bool),
    ];

    // In the format, but no tensor holds them.
    private static readonly string[] s_others =
        ["U64", "C64", "U32", "U16", "I16", "F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "F6_E2M3", "F6_E3M2", "F4"];

    /// <summary>The names of the types that can be read.</summary>
    public static string Names { get; } = string.Join(", ", s_types.Select(t => t.Name));

    /// <summary>The file's name of a type.</summary>
    public static string Name(DType type) => s_types[Order(type)].Name;

    /// <summary>The type's place among the file's: lower comes first.</summary>
    public static int Order(DType type) => Array.FindIndex(s_types, t => t.Type == type);

    /// <summary>The type of a name, or null.</summary>
    public static DType? Find(string name)
    {
        foreach ((string known, DType type) in s_types)
            if (known == name) return type;
        return null;
    }

    /// <summary>True for a type of the format that no tensor holds.</summary>
    public static bool IsUnsupported(string name) => s_others.Contains(name);
}
