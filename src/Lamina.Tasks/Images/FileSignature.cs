using System.IO.Compression;
using System.Text;

namespace Lamina.Tasks.Images;

/// <summary>What a file is by its first bytes, where it is none that can be read, and what helps.</summary>
/// <param name="Name">What it is, with an article where one is due: <c>a 7z archive</c>, <c>HEIC</c>.</param>
/// <param name="Remedy">What to do about it, as it follows the word "try"; NAME stands for the file.</param>
internal sealed record FileKind(string Name, string Remedy);

/// <summary>Tells by its first bytes what a file is that can't be read as an image.</summary>
internal static class FileSignature
{
    /// <summary>Bytes of a file's beginning that are enough to tell: tar has its mark at byte 257, and within gzip that is a little later.</summary>
    internal const int Enough = 4096;

    private const string
        Convert = "converting it to PNG or JPEG, for example with: magick NAME NAME.png",
        Unpack = "unpacking it (tar -xf NAME) and giving the folder that comes out",
        WriteOut = "writing its images as PNG files, in a folder for each class",
        Frames = "taking single images out of it (ffmpeg -i NAME frames/%05d.png), in a folder for each class",
        NoImages = "a folder or zip of images: this is a network, not data",
        Elsewhere = "leaving it out of the data: there are no images in it";

    private static readonly (int At, byte[] Bytes, FileKind Kind)[] s_marks =
    [
        Mark(8, "CR\u0002\0", "a camera's raw image (CR2)", Convert), Mark("II*\0", "TIFF", Convert), Mark("MM\0*", "TIFF", Convert),
        Mark("II+\0", "TIFF", Convert), Mark("MM\0+", "TIFF", Convert),
        Mark("8BPS", "PSD, a Photoshop document", Convert), Mark("gimp xcf", "XCF, a GIMP document", Convert),
        Mark([0xFF, 0x0A], "JPEG XL", Convert), Mark([0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' '], "JPEG XL", Convert),
        Mark([0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' '], "JPEG 2000", Convert), Mark([0xFF, 0x4F, 0xFF, 0x51], "JPEG 2000", Convert),
        Mark([(byte)'I', (byte)'I', 0xBC], "JPEG XR", Convert), Mark([0x76, 0x2F, 0x31, 1], "OpenEXR", Convert),
        Mark("qoif", "QOI", Convert), Mark("farbfeld", "farbfeld", Convert), Mark("DDS ", "DDS, a texture", Convert), Mark("icns", "an Apple icon", Convert),
        Mark("FUJIFILMCCD-RAW", "a camera's raw image (RAF)", Convert), Mark("IIRO", "a camera's raw image (ORF)", Convert),
        Mark("IIU\0", "a camera's raw image (RW2)", Convert), Mark("SIMPLE  =", "FITS, an astronomical image", Convert),
        Mark(128, "DICM", "DICOM, a medical image", Convert), Mark("%!PS", "PostScript", Convert),
        Mark("%PDF", "PDF", Convert.Replace("magick NAME NAME.png", "pdftoppm -png NAME page", StringComparison.Ordinal)),
        Mark("7z\u00BC\u00AF\u0027\u001C", "a 7z archive", "unpacking it (7z x NAME) and giving the folder that comes out"),
        Mark("Rar!\u001A\u0007", "a RAR archive", "unpacking it (unrar x NAME) and giving the folder that comes out"),
        Mark([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "an xz file, such as a .tar.xz", Unpack),
        Mark([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file, such as a .tar.zst", Unpack), Mark("BZh", "a bzip2 file, such as a .tar.bz2", Unpack),
        Mark([4, 0x22, 0x4D, 0x18], "an LZ4 file", Unpack), Mark(257, "ustar", "a tar archive", Unpack),
        Mark("PAR1", "Parquet, a table", WriteOut), Mark("ARROW1", "Arrow, a table", WriteOut), Mark("Obj\u0001", "Avro, a table", WriteOut),
        Mark("SQLite format 3\0", "an SQLite database", WriteOut), Mark([0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10], "HDF5", WriteOut),
        Mark(512, "\u0089HDF\r\n\u001A\n", "HDF5, perhaps of MATLAB 7.3", WriteOut), Mark("MATLAB ", "a MATLAB file (.mat)", WriteOut),
        Mark([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "a NumPy array (.npy)", WriteOut),
        Mark("GGUF", "GGUF, a network's weights", NoImages),
        Mark(8, "AVI LIST", "AVI, a video", Frames), Mark(8, "WAVEfmt ", "WAV, a sound", Elsewhere),
        Mark([0x1A, 0x45, 0xDF, 0xA3], "Matroska or WebM, a video", Frames), Mark("FLV", "FLV, a video", Frames),
        Mark([0, 0, 1, 0xBA], "MPEG, a video", Frames),
        Mark("OggS", "Ogg, a sound or video", Elsewhere), Mark("fLaC", "FLAC, a sound", Elsewhere), Mark("ID3", "MP3, a sound", Elsewhere),
        Mark("\u007FELF", "a program", Elsewhere), Mark("MZ", "a program", Elsewhere), Mark([0xD0, 0xCF, 0x11, 0xE0], "an Office document", Elsewhere),
        Mark("version https://git-lfs", "a Git LFS pointer: the file itself was not fetched", "git lfs pull in its repository, which fetches the file"),
    ];

    /// <summary>What the file is, or null where its bytes are of no known kind.</summary>
    /// <param name="file">The file or its beginning, of <see cref="Enough"/> bytes where it has so many.</param>
    internal static FileKind? Of(ReadOnlySpan<byte> file)
    {
        foreach ((int at, byte[] bytes, FileKind kind) in s_marks)
        {
            if (file.Length >= at + bytes.Length && file[at..].StartsWith(bytes))
            {
                return kind;
            }
        }

        return Boxed(file) ?? Packed(file) ?? Pickle(file) ?? (IsTfRecord(file) ? new FileKind("a TFRecord file", WriteOut) : null) ?? Worded(file);
    }

    /// <summary>In a few words, why there's no image in these bytes.</summary>
    internal static string Describe(ReadOnlySpan<byte> file) =>
        Readable(file) is { } readable ? $"damaged or truncated {readable}"
        : Of(file[..Math.Min(file.Length, Enough)]) is { } kind ? $"{kind.Name}, which isn't read: {Imperative(kind.Remedy)}"
        : "not an image";

    /// <summary>Whether a file begins as an image does that can be read.</summary>
    internal static bool IsImage(ReadOnlySpan<byte> file) => Readable(file) is not null || file.StartsWith("BM"u8);

    private static string? Readable(ReadOnlySpan<byte> file) =>
        file.StartsWith<byte>([0x89, (byte)'P', (byte)'N', (byte)'G']) ? "PNG"
        : file.StartsWith<byte>([0xFF, 0xD8, 0xFF]) ? "JPEG"
        : file.StartsWith("GIF8"u8) ? "GIF"
        : file.StartsWith("RIFF"u8) && file.Length >= 12 && file[8..].StartsWith("WEBP"u8) ? "WebP"
        : null;

    // "converting it to PNG or JPEG, for example …" → "convert it to PNG or JPEG"
    private static string Imperative(string remedy) =>
        remedy.StartsWith("converting", StringComparison.Ordinal) ? "convert it to PNG or JPEG"
            : $"try {remedy.Replace(" NAME", " the file", StringComparison.Ordinal)}";

    // HEIC, AVIF, MP4 and their like are boxes of one format: the brand says which.
    private static FileKind? Boxed(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file[4..].StartsWith("ftyp"u8))
        {
            return file.Length >= 8 && (file[4..].StartsWith("moov"u8) || file[4..].StartsWith("mdat"u8)) ? new("QuickTime, a video", Frames) : null;
        }

        return Encoding.ASCII.GetString(file.Slice(8, 4)) switch
        {
            "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" => new("HEIC", Convert),
            "avif" or "avis" => new("AVIF", Convert),
            "mif1" or "msf1" => new("HEIC or AVIF", Convert),
            "crx " => new("a camera's raw image (CR3)", Convert),
            "qt  " => new("QuickTime, a video", Frames),
            "M4A " => new("M4A, a sound", Elsewhere),
            _ => new("MP4, a video", Frames),
        };
    }

    // What a zip or gzip file holds, by its first entry.
    private static FileKind? Packed(ReadOnlySpan<byte> file)
    {
        if (IdxFile.IsGzip(file))
        {
            Span<byte> inside = stackalloc byte[Enough];
            int got = Inflate(file, inside);
            FileKind? kind = got == 0 ? null : Of(inside[..got]);
            return kind is { Name: "a tar archive" } ? new("a tar.gz archive", Unpack)
                : IdxFile.IsIdx(inside[..got]) ? new("a gzip file that holds IDX data", "the folder in which the IDX files of images and labels lie together")
                : new($"a gzip file{(kind is null ? "" : $" that holds {kind.Name}")}",
                    "unpacking it (gunzip NAME), and giving what comes out if that is data");
        }

        if (!file.StartsWith("PK\u0003\u0004"u8) || file.Length < 30)
        {
            return null;
        }

        int length = Math.Min(file[26] | (file[27] << 8), file.Length - 30);
        string entry = Encoding.UTF8.GetString(file.Slice(30, length));
        return entry.EndsWith("/data.pkl", StringComparison.Ordinal) || entry.EndsWith("/.format_version", StringComparison.Ordinal)
            ? new("a PyTorch file (.pt), a network's weights", NoImages)
            : entry.EndsWith(".npy", StringComparison.Ordinal) ? new("a file of NumPy arrays (.npz)", WriteOut)
            : entry is "[Content_Types].xml" or "mimetype" or "_rels/.rels" ? new("an office document", Elsewhere)
            : entry is "META-INF/" or "META-INF/MANIFEST.MF" or "AndroidManifest.xml" ? new("a program", Elsewhere)
            : entry is "metadata.json" or "config.json" or "model.weights.h5" ? new("a Keras file (.keras), a network's weights", NoImages)
            : null;
    }

    private static FileKind? Pickle(ReadOnlySpan<byte> file) =>
        file.Length > 2 && file[0] == 0x80 && file[1] is >= 2 and <= 5
            ? new("a Python pickle, such as an old .pt file or a batch of CIFAR",
                "writing its images as PNG files, in a folder for each class; weights hold none")
            : file.Length > 9 && file[8] == '{' && file[9] == '"' && file[..8].LastIndexOfAnyExcept((byte)0) is >= 0 and < 4
                ? new("safetensors, a network's weights", NoImages)
                : null;

    private static int Inflate(ReadOnlySpan<byte> packed, Span<byte> inside)
    {
        int got = 0;
        try
        {
            using var gzip = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            for (int read; got < inside.Length && (read = gzip.Read(inside[got..])) > 0;)
            {
                got += read;
            }
        }
        catch (InvalidDataException)
        {
            // The beginning ends within the data: what came out so far is enough.
        }

        return got;
    }

    // A record's length, and the masked CRC-32C of it.
    private static bool IsTfRecord(ReadOnlySpan<byte> file)
    {
        if (file.Length < 16)
        {
            return false;
        }

        uint crc = uint.MaxValue;
        foreach (byte b in file[..8])
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        crc = ~crc;
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(file[8..]) == ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private static FileKind? Worded(ReadOnlySpan<byte> file)
    {
        bool isBig = file.Length >= 3 && file[0] == 'P' && file[2] is (byte)'\n' or (byte)'\r' or (byte)' ' or (byte)'\t' or (byte)'#';
        if (isBig && file[1] is >= (byte)'1' and <= (byte)'7')
        {
            return new($"{(file[1] - (byte)'0') switch { 1 or 4 => "PBM", 2 or 5 => "PGM", 7 => "PAM", _ => "PPM" }}, a portable image", Convert);
        }

        ReadOnlySpan<byte> text = file.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? file[3..] : file;
        if (text.Length == 0 || text.ContainsAnyInRange((byte)0, (byte)8) || text.ContainsAnyInRange((byte)14, (byte)26))
        {
            return null;
        }

        string words = Encoding.UTF8.GetString(text).TrimStart();
        bool Starts(string with) => words.StartsWith(with, StringComparison.OrdinalIgnoreCase);
        bool isXml = Starts("<?xml") || Starts("<!--") || Starts("<!DOCTYPE svg");
        return Starts("<svg") || (isXml && words.Contains("<svg", StringComparison.OrdinalIgnoreCase)) ? new("SVG", Convert)
            : Starts("<!doctype html") || Starts("<html") || Starts("<head") || (isXml && words.Contains("<html", StringComparison.OrdinalIgnoreCase))
                ? new("a web page (HTML), as a failed download leaves it",
                    "downloading the file again: open the address in a browser, where a log-in or a notice may stand before it")
            : isXml ? new("XML", Elsewhere)
            : words.Length > 0 && words[0] is '{' or '[' ? new("JSON, or other text", Elsewhere)
            : IsTable(words) ? new("text, perhaps a table (CSV)", WriteOut)
            : null;
    }

    // Two lines with as many separators each.
    private static bool IsTable(string words)
    {
        string[] lines = words.Split('\n', 3);
        int Separators(int line) => lines[line].Count(c => c is ',' or '\t' or ';');
        return lines.Length >= 2 && Separators(0) >= 1 && Separators(0) == Separators(1) && !words.Contains('\uFFFD', StringComparison.Ordinal);
    }

    private static (int, byte[], FileKind) Mark(byte[] bytes, string name, string remedy) => (0, bytes, new(name, remedy));

    private static (int, byte[], FileKind) Mark(string bytes, string name, string remedy) => Mark(0, bytes, name, remedy);

    private static (int, byte[], FileKind) Mark(int at, string bytes, string name, string remedy) => (at, Encoding.Latin1.GetBytes(bytes), new(name, remedy));
}
