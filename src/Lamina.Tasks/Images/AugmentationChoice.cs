using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>How a new run's training images are varied, and why.</summary>
/// <param name="Name">The augmentation.</param>
/// <param name="Text">A line for a person; null where there's nothing to say, as for built-in digits.</param>
internal sealed record AugmentationChoice(string Name, string? Text)
{
    /// <summary>Decides: as asked, or by the data.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static AugmentationChoice Of(TaskRequest request, ImageData data, TaskContext context)
    {
        string name = ImageDefaults.AugmentationOf(request, data);
        if (request.Text(ImageTask.Augment) is not null) return new(name, $"{Describe(name)}, as asked");
        if (name != "photos") return new(name, name == "none" ? null : Describe(name));
        if (data.Output is not ClassOutput) return Light("whether mirroring changes what is predicted can't be told from the images");
        if (request.Has(CommonOptions.Quick)) return Light("whether mirroring confuses classes isn't checked in brief");
        MirrorVerdict verdict = MirrorCheck.Of(data.Training, context.Tell, context.Cancel);
        return verdict.MayMirror ? new(name, $"{Describe(name)}; {verdict.Reason}") : Light(verdict.Reason);

        AugmentationChoice Light(string why) => new("light", $"{Describe("light")}; {why}");
    }

    /// <summary>The name of an augmentation, and what it does.</summary>
    public static string Describe(string name) => name switch
    {
        "none" => "none (images as they are)",
        "light" => "light (shifted, not mirrored)",
        "photos" => "photos (shifted and mirrored)",
        "strong" => "strong (shifted, mirrored, brightness and contrast varied, boxes erased)",
        _ => $"{name} (turned, scaled and slanted a little)",
    };
}
