using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>Whether a path looks like images, by the names of files.</summary>
internal static class ImageRecognition
{
    private const int MostLooked = 20_000;
    private const double Sure = 0.9, Perhaps = 0.1;

    private static readonly string[] s_endings = [".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif"];

    public static Recognition Of(string path)
    {
        try
        {
            if (File.Exists(path)) return path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? new(Sure, $"{path} is a zip") : Recognition.None;
            if (!Directory.Exists(path)) return Recognition.None;
            int images = 0;
            var all = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8 };
            foreach (string file in Directory.EnumerateFiles(path, "*", all).Take(MostLooked))
            {
                if (IdxReader.IsIdxName(Path.GetFileName(file))) return new(Sure, $"{path} holds IDX files, as MNIST has them");
                if (s_endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)) images++;
            }
            return images > 0 ? new(Sure, $"{path} is a folder that holds images") : new(Perhaps, $"{path} is a folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Recognition.None;
        }
    }
}
