using Lamina.Learning.Data;
using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>What the job chooses where its user doesn't.</summary>
internal static class ImageDefaults
{
    // About as many images as a small network needs to see, however few there are; a residual network learns longer and gets farther.
    private const int ImagesToSee = 400_000, FewestEpochs = 4, MostEpochs = 60, DigitsEpochs = 8;

    // The network for all but drawings costs more: CIFAR-10 in seven epochs, within four minutes on two cores.
    private const int ColoursToSee = 350_000, BatchForColours = 96;
    private const int ImagesForResNet = 1_350_000, FewestForResNet = 10, MostForResNet = 100, BatchForResNet = 128;

    // SGD's peak for batches of 128, in proportion for others (Goyal et al., 2017).
    private const double RateForResNet = 0.1;

    /// <summary>Fills in what a request leaves open, for so many training images, drawings in grey or others, and a model.</summary>
    public static TrainingSettings Settings(TaskRequest request, int count, bool isDrawing, string model)
    {
        if (!ImageModels.IsResNet(model))
        {
            int few = Math.Clamp((isDrawing ? ImagesToSee : ColoursToSee) / count, FewestEpochs, MostEpochs);
            return CommonOptions.Settings(request, count, request.Data is null ? DigitsEpochs : few,
                batch: isDrawing ? null : Math.Clamp(count / 16, 4, BatchForColours));
        }
        int epochs = Math.Clamp(ImagesForResNet / count, FewestForResNet, MostForResNet), batch = Math.Clamp(count / 16, 4, BatchForResNet);
        double share = (double)Math.Min(request.Whole(CommonOptions.Batch) ?? batch, count) / BatchForResNet;
        return CommonOptions.Settings(request, count, request.Data is null ? DigitsEpochs : epochs, RateForResNet * share, batch, "sgd");
    }

    /// <summary>The model that is asked for, or that of the run to start from.</summary>
    public static string ModelOf(TaskRequest request, RunInfo? start) =>
        request.Text(ImageTask.Model) ?? start?.Option(ImageTask.Model) ?? ImageModels.ConvNet;

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

    /// <summary>The augmentations by name.</summary>
    public static IReadOnlyDictionary<string, Augmentation> Augmentations { get; } = new Dictionary<string, Augmentation>
    {
        ["none"] = Augmentation.None,
        ["digits"] = Augmentation.Digits,
        ["photos"] = Augmentation.Photos,
        ["light"] = Augmentation.Light,
        ["strong"] = Augmentation.Strong,
    };
}
