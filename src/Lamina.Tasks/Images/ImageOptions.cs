using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>How an image classifier is trained. What is null is chosen by the task, and stands in the run's <c>run.json</c>.</summary>
public sealed record ImageOptions
{
    /// <summary>A folder or zip of images, a folder of IDX files, an .npz file, or a table of image files; null: built-in handwritten
    /// digits.</summary>
    public string? Data { get; init; }

    /// <summary>Number of epochs, from 1.</summary>
    public int? Epochs { get; init; }

    /// <summary>Batch size, from 1.</summary>
    public int? Batch { get; init; }

    /// <summary>The highest learning rate of the schedule, above 0.</summary>
    public double? LearningRate { get; init; }

    /// <summary>One of <see cref="CommonOptions.Optimizers"/>.</summary>
    public string? Optimizer { get; init; }

    /// <summary>How training images are varied, one of <see cref="ImageTask.Augmentations"/>; null: chosen by the data.</summary>
    public string? Augmentation { get; init; }

    /// <summary>The size that images are brought to, height first; null: chosen by the data.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Of a table of image files, the columns to predict; null: the likeliest column.</summary>
    public IReadOnlyList<string>? Target { get; init; }

    /// <summary>Of a table of image files, the column of their paths; null: the column whose cells end as images do.</summary>
    public string? Image { get; init; }

    /// <summary>Of a table of image files, a table of its own for validation; null: found beside it, or a part of it.</summary>
    public string? Validation { get; init; }

    /// <summary>Of a table of image files, a table of its own for the test; null: found beside it, or a part of it.</summary>
    public string? Test { get; init; }

    /// <summary>Whether classes count alike in training, however rare they are.</summary>
    public bool Balance { get; init; }

    /// <summary>The network, one of <see cref="ImageTask.Models"/>; null: convnet.</summary>
    public string? Model { get; init; }

    /// <summary>α of mixup, such as 0.2: training images are blended with each other (Zhang et al., 2018); null: none.</summary>
    public double? Mixup { get; init; }

    /// <summary>α of cutmix, such as 1: boxes of other images are pasted into training images (Yun et al., 2019); null: none.</summary>
    public double? Cutmix { get; init; }

    /// <summary>Random seed.</summary>
    public long Seed { get; init; }

    /// <summary>The run's folder, which must not exist or be empty; null: a new one under <c>runs</c>.</summary>
    public string? Run { get; init; }

    /// <summary>A few batches of everything, to see in seconds whether it works.</summary>
    public bool Quick { get; init; }

    /// <summary>Trains on a single batch again and again: a network and its settings that are right bring its loss near 0.</summary>
    public bool OverfitBatch { get; init; }

    /// <summary>Leaves images out of the report.</summary>
    public bool NoSamples { get; init; }

    internal TaskRequest Request
    {
        get
        {
            var values = new Dictionary<string, object>();
            void Add(string name, object? value)
            {
                if (value is not null) values[name] = value;
            }

            Add(CommonOptions.Epochs, (long?)Epochs);
            Add(CommonOptions.Batch, (long?)Batch);
            Add(CommonOptions.LearningRate, LearningRate);
            Add(CommonOptions.OptimizerName, Optimizer);
            Add(ImageTask.Augment, Augmentation);
            Add(ImageTask.Size, Size is { } size ? $"{size.Height}x{size.Width}" : null);
            Add(ImageTask.Target, Target is null ? null : string.Join(',', Target));
            Add(ImageTask.Image, Image);
            if (Balance) Add(ImageTask.Balance, true);
            Add(ImageTask.Model, Model);
            Add(ImageMixing.Mixup, Mixup);
            Add(ImageMixing.Cutmix, Cutmix);
            Add(CommonOptions.Seed, Seed);
            if (Quick) Add(CommonOptions.Quick, true);
            if (OverfitBatch) Add(CommonOptions.OverfitBatch, true);
            if (NoSamples) Add(CommonOptions.NoSamples, true);
            return new TaskRequest { Data = Data is null ? null : new DataSource(Data) { Validation = Validation, Test = Test }, Run = Run,
                Values = values };
        }
    }
}
