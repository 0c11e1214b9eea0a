using System.IO.Compression;

namespace Lamina.Tasks.Tests.Images;

/// <summary>A folder that lives as long as its test, and the bad and good files that tests put there.</summary>
internal sealed class TempFolder : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("lamina-images-").FullName;

    internal string At(string name) => Path.Combine(Root, name);

    internal string Write(string name, byte[] bytes)
    {
        string path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Two classes of two images each, below <paramref name="prefix"/>.</summary>
    internal TempFolder WithCatsAndDogs(string prefix = "", int size = 4)
    {
        for (int i = 0; i < 2; i++)
        {
            Write($"{prefix}cat/{i}.png", SampleImages.Png(size, size, (byte)(10 + i)));
            Write($"{prefix}dog/{i}.png", SampleImages.Png(size, size, (byte)(200 + i)));
        }

        return this;
    }

    internal string Zip(string name = "data.zip", params (string Name, byte[] Bytes)[] entries)
    {
        string path = At(name);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string entryName, byte[] bytes) in entries)
        {
            using Stream stream = archive.CreateEntry(entryName).Open();
            stream.Write(bytes);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
