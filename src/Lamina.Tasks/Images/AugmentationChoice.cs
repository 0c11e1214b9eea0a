using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Images;

/// <summary>How a new run's training images are varied, and why.</summary>
/// <param name="Settings">The settings with the augmentation decided.</param>
/// <param name="Text">A line for a person; null where there's nothing to say, as for built-in digits.</param>
internal sealed record AugmentationChoice(ImageSettings Settings, string? Text)
{
    /// <summary>Decides: as asked, or by the data.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static AugmentationChoice Of(ImageOptions options, ImageSettings settings, ImageData data, Action<TaskEvent> tell, CancellationToken cancel)
    {
        string name = settings.Augmentation;
        if (options.Augmentation is not null) return new(settings, $"{Describe(name)}, as asked");
        if (name != "photos") return new(settings, name == "none" ? null : Describe(name));
        if (settings.Quick) return Light("whether mirroring confuses classes isn't checked in brief");
        MirrorVerdict verdict = MirrorCheck.Of(data.Training, tell, cancel);
        return verdict.MayMirror ? new(settings, $"{Describe(name)}; {verdict.Reason}") : Light(verdict.Reason);

        AugmentationChoice Light(string why) => new(settings with { Augmentation = "light" }, $"{Describe("light")}; {why}");
    }

    /// <summary>The name of an augmentation, and what it does.</summary>
    public static string Describe(string name) => name switch
    {
        "none" => "none (images as they are)",
        "light" => "light (shifted, not mirrored)",
        "photos" => "photos (shifted and mirrored)",
        _ => $"{name} (turned, scaled and slanted a little)",
    };
}
