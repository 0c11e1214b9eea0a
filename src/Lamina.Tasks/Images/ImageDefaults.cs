using Lamina.Learning.Data;
using Lamina.Learning.Optimizers;
using Lamina.Models;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Images;

/// <summary>What the job chooses where its user doesn't.</summary>
internal static class ImageDefaults
{
    // About as many images as a small network needs to see, however few there are.
    private const int ImagesToSee = 400_000, FewestEpochs = 4, MostEpochs = 60, QuickEpochs = 2, DigitsEpochs = 8;

    /// <summary>Checks the options and fills in what they leave open.</summary>
    /// <exception cref="TaskException">An option is out of its range.</exception>
    public static ImageSettings Settings(ImageOptions options, ImageData data)
    {
        Require(options.Epochs is null or >= 1, "epochs", options.Epochs, "a whole number from 1");
        Require(options.Batch is null or >= 1, "batch", options.Batch, "a whole number from 1");
        Require(options.LearningRate is null || options.LearningRate > 0 && double.IsFinite(options.LearningRate.Value), "learning-rate", options.LearningRate, "a number above 0");
        string optimizer = options.Optimizer ?? "adamw";
        Require(ImageOptions.Optimizers.Contains(optimizer), "optimizer", optimizer, $"one of {string.Join(", ", ImageOptions.Optimizers)}");
        string? augmentation = options.Augmentation;
        Require(augmentation is null || ImageOptions.Augmentations.Contains(augmentation), "augment", augmentation, $"one of {string.Join(", ", ImageOptions.Augmentations)}");
        if (options.OverfitBatch && augmentation is not (null or "none"))
            throw new TaskException($"--overfit-batch shows one batch again and again as it is, so --augment {augmentation} can't be given with it", "one of the two alone");
        int count = data.Training.Count;
        return new ImageSettings
        {
            Epochs = options.Epochs ?? (options.Quick ? QuickEpochs : options.Data is null ? DigitsEpochs : Math.Clamp(ImagesToSee / count, FewestEpochs, MostEpochs)),
            Batch = Math.Min(options.Batch ?? Math.Clamp(count / 16, 4, 64), count),
            LearningRate = options.LearningRate ?? (optimizer switch { "sgd" => 0.05, "rmsprop" => 1e-3, _ => 3e-3 }),
            Optimizer = optimizer,
            Seed = options.Seed,
            Quick = options.Quick,
            OverfitBatch = options.OverfitBatch,
            // Digits keep their meaning when they lean; photographs when they are mirrored, which AugmentationChoice checks. Handwriting that is drawn is varied already.
            Augmentation = augmentation ?? (options.OverfitBatch || options.Data is null ? "none" : data.Training.Channels == 1 ? "digits" : "photos"),
        };
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

    /// <summary>The optimiser of this name.</summary>
    public static Optimizer Optimizer(string name, double learningRate) => name switch
    {
        "sgd" => new Sgd(learningRate, momentum: 0.9, nesterov: true, weightDecay: 5e-4),
        "adam" => new Adam(learningRate),
        "rmsprop" => new RmsProp(learningRate),
        _ => new AdamW(learningRate),
    };

    /// <summary>The augmentations by name.</summary>
    public static IReadOnlyDictionary<string, Augmentation> Augmentations { get; } = new Dictionary<string, Augmentation>
    {
        ["none"] = Augmentation.None,
        ["digits"] = Augmentation.Digits,
        ["photos"] = Augmentation.Photos,
        ["light"] = Augmentation.Light,
    };

    private static void Require(bool holds, string option, object? value, string accepted)
    {
        if (!holds) throw new TaskException($"--{option} {value}: expected {accepted}");
    }
}
