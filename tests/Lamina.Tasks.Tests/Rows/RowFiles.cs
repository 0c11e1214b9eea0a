using System.IO.Compression;
using System.Text;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>A folder of tables that lives as long as its test.</summary>
internal sealed class RowFiles : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lamina-rows-").FullName;

    public string At(string name) => Path.Combine(_root, name);

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }

    public string Write(string name, string text) => Write(name, new UTF8Encoding(false).GetBytes(text));

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    public static RowSource Open(string path, bool? header = null) => RowSources.Open(path, new() { Header = header });

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
