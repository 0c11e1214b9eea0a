using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>Whether a path looks like images, by the names of files.</summary>
internal static class ImageRecognition
{
    private const int MostLooked = 20_000;
    private const double Sure = 0.9, SurerThanTables = 0.95, Perhaps = 0.1;

    private static readonly string[] s_endings = [".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".ppm", ".pgm"];

    public static Recognition Of(string path)
    {
        try
        {
            if (File.Exists(path)) return OfFile(path);
            if (!Directory.Exists(path)) return Recognition.None;
            int images = 0;
            var all = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8 };
            foreach (string file in Directory.EnumerateFiles(path, "*", all).Take(MostLooked))
            {
                if (Path.GetExtension(file).Equals(".npy", StringComparison.OrdinalIgnoreCase)
                    && Path.GetDirectoryName(file) == Path.TrimEndingDirectorySeparator(path) && ArrayReader.LooksLikeImages(path))
                    return new(Sure, $"{path} holds arrays of images (.npy)");
                if (IdxReader.IsIdxName(Path.GetFileName(file))) return new(Sure, $"{path} holds IDX files, as MNIST has them");
                if (s_endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)) images++;
            }
            return images > 0 ? new(Sure, $"{path} is a folder that holds images") : new(Perhaps, $"{path} is a folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DataException)
        {
            return Recognition.None;
        }
    }

    // A table is taken only where it names image files that are there: a word of evidence more than any table has.
    private static Recognition OfFile(string path)
    {
        if (path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
        {
            // What is wrong with its arrays is told when they are read.
            try
            {
                return ArrayReader.LooksLikeImages(path) ? new(Sure, $"{path} holds arrays of images") : new(Perhaps, $"{path} holds arrays");
            }
            catch (DataException)
            {
                return new(Perhaps, $"{path} is named as a file of arrays");
            }
        }
        if (path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)) return new(Sure, $"{path} is a zip");
        if (!ImageSource.IsTable(path)) return Recognition.None;
        return ImageTableReader.ColumnIn(path) is { } column ? new(SurerThanTables, $"{path} names image files in its column '{column}'")
            : Recognition.None;
    }
}
