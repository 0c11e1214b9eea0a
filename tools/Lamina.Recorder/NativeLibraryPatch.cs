using System.Buffers.Binary;
using System.Text;

namespace Lamina.Recorder;

/// <summary>
/// Lets TorchSharp's native library load beside an older libstdc++ (Debian 12 has GLIBCXX up to 3.4.30).
/// The library asks for GLIBCXX_3.4.32 for one symbol only: a marker that &lt;iostream&gt; leaves in every
/// object so that the linker pulls in the stream initialiser. Nothing calls it, so both the version and the
/// symbol can be made weak (ELF, "Symbol Versioning": VER_FLG_WEAK; gABI: STB_WEAK): the loader then goes on
/// without them where they are missing, and uses them where they are there.
/// </summary>
static class NativeLibraryPatch
{
    const string Version = "GLIBCXX_3.4.32";
    const string Marker = "_ZSt21ios_base_library_initv";

    const uint DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, SymbolVersions = 0x6fffffff;   // sh_type
    const int WeakVersion = 2, WeakBinding = 2;
    const int SymbolSize = 24;

    readonly record struct Section(uint Type, int Offset, int Size, int Link);

    /// <summary>Patches the library at <paramref name="path"/>, once; a library that needs no patch is left as it is.</summary>
    public static void Apply(string path)
    {
        byte[] image = File.ReadAllBytes(path);
        Section[] sections = ReadSections(image);
        int? version = WeakenVersion(image, sections);
        if (version is null) return;
        WeakenSymbols(image, sections, version.Value);

        string patched = path + ".patched";        // beside it, then renamed: never a half-written library
        File.WriteAllBytes(patched, image);
        File.Move(patched, path, overwrite: true);
    }

    static Section[] ReadSections(ReadOnlySpan<byte> image)
    {
        int table = (int)BinaryPrimitives.ReadUInt64LittleEndian(image[0x28..]);
        int size = ReadHalf(image, 0x3A), count = ReadHalf(image, 0x3C);
        var sections = new Section[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = image.Slice(table + i * size, size);
            sections[i] = new Section(
                ReadWord(header, 0x04),
                (int)BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..]),
                (int)BinaryPrimitives.ReadUInt64LittleEndian(header[0x20..]),
                (int)ReadWord(header, 0x28));
        }
        return sections;
    }

    /// <summary>Marks the needed version weak; its index, or null where it isn't needed or is weak already.</summary>
    static int? WeakenVersion(Span<byte> image, Section[] sections)
    {
        Section needs = sections.Single(s => s.Type == VersionNeeds);
        int strings = sections[needs.Link].Offset;
        for (int file = needs.Offset, toNextFile = 1; toNextFile != 0; file += toNextFile)
        {
            toNextFile = (int)ReadWord(image, file + 12);
            int entry = file + (int)ReadWord(image, file + 8);
            for (int left = ReadHalf(image, file + 2); left > 0; left--)
            {
                int flags = ReadHalf(image, entry + 4);
                if (ReadName(image, strings + (int)ReadWord(image, entry + 8)) == Version)
                {
                    if ((flags & WeakVersion) != 0) return null;
                    BinaryPrimitives.WriteUInt16LittleEndian(image[(entry + 4)..], (ushort)(flags | WeakVersion));
                    return ReadHalf(image, entry + 6);
                }
                entry += (int)ReadWord(image, entry + 12);
            }
        }
        return null;
    }

    static void WeakenSymbols(Span<byte> image, Section[] sections, int version)
    {
        Section symbols = sections.Single(s => s.Type == DynamicSymbols);
        Section versions = sections.Single(s => s.Type == SymbolVersions);
        int strings = sections[symbols.Link].Offset;
        for (int i = 0; i < symbols.Size / SymbolSize; i++)
        {
            if (ReadHalf(image, versions.Offset + 2 * i) != version) continue;
            int symbol = symbols.Offset + i * SymbolSize;
            string name = ReadName(image, strings + (int)ReadWord(image, symbol));
            if (name != Marker)
                throw new InvalidOperationException($"{name} needs {Version} and may be called: this library needs a newer libstdc++.");
            image[symbol + 4] = (byte)(WeakBinding << 4 | image[symbol + 4] & 0xF);
        }
    }

    static ushort ReadHalf(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image[offset..]);

    static uint ReadWord(ReadOnlySpan<byte> image, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image[offset..]);

    static string ReadName(ReadOnlySpan<byte> image, int offset)
    {
        ReadOnlySpan<byte> rest = image[offset..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
