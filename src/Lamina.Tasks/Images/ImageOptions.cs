namespace Lamina.Tasks.Images;

/// <summary>How an image classifier is trained. What is null is chosen by the job and told in the run's <c>run.json</c>.</summary>
public sealed record ImageOptions
{
    /// <summary>A folder or zip of images, or a folder of IDX files; null: built-in handwritten digits.</summary>
    public string? Data { get; init; }

    /// <summary>Number of epochs, from 1.</summary>
    public int? Epochs { get; init; }

    /// <summary>Images in a step, from 1.</summary>
    public int? Batch { get; init; }

    /// <summary>The highest learning rate of the schedule, above 0.</summary>
    public double? LearningRate { get; init; }

    /// <summary>One of <see cref="Optimizers"/>.</summary>
    public string? Optimizer { get; init; }

    /// <summary>How training images are varied, one of <see cref="Augmentations"/>; null: chosen by the data.</summary>
    public string? Augmentation { get; init; }

    /// <summary>Random seed.</summary>
    public long Seed { get; init; }

    /// <summary>The run's folder, which must not exist or be empty; null: a new one under <c>runs</c>.</summary>
    public string? Run { get; init; }

    /// <summary>A few batches of everything, to see in seconds whether it works.</summary>
    public bool Quick { get; init; }

    /// <summary>Trains on a single batch again and again: a network and its settings that are right bring its loss near 0.</summary>
    public bool OverfitBatch { get; init; }

    /// <summary>The optimisers by name.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = ["adam", "adamw", "rmsprop", "sgd"];

    /// <summary>The augmentations by name: none; light, shifted; photos, shifted and mirrored; digits, turned, scaled and slanted a little.</summary>
    public static IReadOnlyList<string> Augmentations { get; } = ["none", "light", "photos", "digits"];
}

/// <summary>What a finished job gives.</summary>
/// <param name="Epochs">Epochs done.</param>
/// <param name="Seconds">Seconds of training.</param>
/// <param name="Test">The measure on the test set; null where the job was interrupted.</param>
/// <param name="Run">The run's folder.</param>
/// <param name="Model">The file with the trained weights; null where the job was interrupted.</param>
/// <param name="WasInterrupted">Whether somebody stopped it; a checkpoint was saved.</param>
public sealed record ImageResult(int Epochs, double Seconds, TestReport? Test, string Run, string? Model, bool WasInterrupted);

/// <summary>A class and how probable the network finds it, 0 to 1.</summary>
public sealed record ClassProbability(string Class, double Probability);

/// <summary>What the network says of one image.</summary>
/// <param name="File">The image.</param>
/// <param name="Top">The most probable classes, the first first; empty where the image could not be read.</param>
/// <param name="Error">Why it could not be read, or null.</param>
public sealed record Prediction(string File, IReadOnlyList<ClassProbability> Top, string? Error)
{
    /// <summary>What was changed to bring the image near to those of the training, such as <c>inverted</c>; null for nothing.</summary>
    public string? Note { get; init; }
}
