using Lamina.Learning.Data;
using Lamina.Models;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>What the job chooses where its user doesn't.</summary>
internal static class ImageDefaults
{
    // About as many images as a small network needs to see, however few there are.
    private const int ImagesToSee = 400_000, FewestEpochs = 4, MostEpochs = 60, DigitsEpochs = 8;

    /// <summary>Fills in what a request leaves open.</summary>
    public static TrainingSettings Settings(TaskRequest request, ImageData data) =>
        CommonOptions.Settings(request, data.Training.Count,
            request.Data is null ? DigitsEpochs : Math.Clamp(ImagesToSee / data.Training.Count, FewestEpochs, MostEpochs));

    /// <summary>The augmentation that is asked for, or that the kind of images suggests.</summary>
    /// <exception cref="TaskException">One is asked for where it can't be.</exception>
    public static string AugmentationOf(TaskRequest request, ImageData data)
    {
        string? augmentation = request.Text(ImageTask.Augment);
        bool isOne = request.Has(CommonOptions.OverfitBatch);
        if (isOne && augmentation is not (null or "none"))
            throw new TaskException(
                $"--overfit-batch shows one batch again and again as it is, so --augment {augmentation} can't be given with it", "one of the two alone");
        // Digits keep their meaning when they lean; photographs when they are mirrored, which AugmentationChoice checks. Handwriting that is
        // drawn is varied already.
        return augmentation ?? (isOne || request.Data is null ? "none" : data.Training.Channels == 1 ? "digits" : "photos");
    }

    /// <summary>A network for images of this size.</summary>
    public static ConvNetOptions Network(ImageData data)
    {
        int side = Math.Max(data.Training.Height, data.Training.Width);
        int[] widths = data.Training.Channels == 1 && side <= 32 ? [16, 32] : [32, 64, 128];
        // Every stage halves the image; a large one gets more stages until it is small enough to be weighed up.
        for (int left = side >> widths.Length; left > 8; left >>= 1) widths = [.. widths, widths[^1]];
        for (int left = Math.Min(data.Training.Height, data.Training.Width); widths.Length > 1 && left >> widths.Length < 1;) widths = widths[1..];
        return new ConvNetOptions { Classes = data.Training.Classes.Count, Widths = widths };
    }

    /// <summary>The augmentations by name.</summary>
    public static IReadOnlyDictionary<string, Augmentation> Augmentations { get; } = new Dictionary<string, Augmentation>
    {
        ["none"] = Augmentation.None,
        ["digits"] = Augmentation.Digits,
        ["photos"] = Augmentation.Photos,
        ["light"] = Augmentation.Light,
    };
}
