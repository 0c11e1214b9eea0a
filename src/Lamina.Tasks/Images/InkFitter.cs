
namespace Lamina.Tasks.Images;

/// <summary>
/// Brings drawings near to those that a network learned from: dark lines on light paper become light on dark or the other
/// way round, and a drawing of another size, or on unevenly lit paper, is cut out and centred as the training images are.
/// Images that look like the training images, and those that are no drawings, stay exactly as they are.
/// </summary>
internal static class InkFitter
{
    private const int Rgb = 3;
    private const int LongestSide = 256; // enough of a large photograph to find lines in it
    private const double OtherSize = 0.15, OffCentre = 0.12;

    /// <summary>As <see cref="ImageDecoder.Decode"/>, and fitted to <see cref="ImageReadOptions.Ink"/> where that is given.</summary>
    internal static string? Decode(
        ArraySegment<byte> file, ImageSize size, Span<byte> target, ImageReadOptions options, out ImageFacts facts, CancellationToken cancel = default)
    {
        string? error = ImageDecoder.Decode(file, size, target, options, out facts, cancel);
        if (error is not null || options.Ink is not { } ink)
        {
            return error;
        }

        ImageSize own = ImageDecoder.ReadSize(file, options) ?? size;
        if (ink.Size is null || own == size)
        {
            var grey = new byte[size.Area];
            ImageDecoder.ToGrey(target, grey);
            if (IsOpposite(InkLook.Of(grey, size), ink))
            {
                Invert(target);
                facts = facts with { Inverted = true };
            }

            return null;
        }

        double scale = Math.Min(1, (double)LongestSide / own.Longer);
        ImageSize large = new(Math.Max(1, (int)Math.Round(own.Height * scale)), Math.Max(1, (int)Math.Round(own.Width * scale)));
        var colours = new byte[large.Area * Rgb];
        if (ImageDecoder.Decode(file, large, colours, options, out _, cancel) is not null)
        {
            return null;
        }

        var image = new byte[large.Area];
        ImageDecoder.ToGrey(colours, image);
        InkLook look = InkLook.Of(image, large);
        bool isOpposite = IsOpposite(look, ink);
        if (!look.IsClear || !isOpposite && IsFramed(image, large, look, ink.Size.Value))
        {
            return null;
        }

        facts = facts with { Inverted = isOpposite, Framed = true, Grey = true };
        byte[] framed = InkFrame.Of(image, large, look, size, ink.Size.Value);
        for (int i = 0; i < framed.Length; i++)
        {
            target.Slice(i * Rgb, Rgb).Fill(ink.IsLightOnDark ? framed[i] : (byte)(255 - framed[i]));
        }

        return null;
    }

    /// <summary>Inverts the images of a set that are the opposite of what a network learned from, in place; says how many, or null for none.</summary>
    internal static string? Invert(ImageSet set, InkStyle? ink)
    {
        if (ink is null || set.Channels != 1)
        {
            return null;
        }

        int inverted = 0, size = set.Height * set.Width;
        for (int i = 0; i < set.Count; i++)
        {
            Span<byte> image = set.Pixels.AsSpan(i * size, size);
            if (IsOpposite(InkLook.Of(image, new(set.Height, set.Width)), ink))
            {
                Invert(image);
                inverted++;
            }
        }

        return inverted == 0 ? null : $"inverted {Wording.Count(inverted, "image")}: {Opposite(ink)}";
    }

    /// <summary>What was changed in some images, as a note; null for nothing.</summary>
    internal static string? Note(IReadOnlyCollection<ImageFacts> facts, InkStyle? ink)
    {
        int inverted = facts.Count(f => f.Inverted), framed = facts.Count(f => f.Framed);
        if (ink is null || inverted + framed == 0)
        {
            return null;
        }

        string[] parts =
        [
            .. inverted > 0 ? [$"inverted {Wording.Count(inverted, "image")}: {Opposite(ink)}"] : Array.Empty<string>(),
            .. framed > 0 ? [$"cut out and centred what is drawn in {Wording.Count(framed, "image")}, as in the training images"] : Array.Empty<string>(),
        ];
        return string.Join("; ", parts);
    }

    /// <summary>What was changed in one image, in a few words; null for nothing.</summary>
    internal static string? Note(ImageFacts facts, InkStyle? ink) => (facts.Inverted, facts.Framed) switch
    {
        (true, true) => $"inverted ({Shown(ink!)}) and centred",
        (true, false) => $"inverted ({Shown(ink!)})",
        (false, true) => "centred as in training",
        _ => null,
    };

    private static string Shown(InkStyle ink) => ink.IsLightOnDark ? "dark on light" : "light on dark";

    private static string Opposite(InkStyle ink) =>
        ink.IsLightOnDark ? "dark on light, where the network learned light on dark" : "light on dark, where the network learned dark on light";

    private static bool IsOpposite(InkLook look, InkStyle ink) => look.IsClear && look.IsLightOnDark != ink.IsLightOnDark;

    private static bool IsFramed(byte[] image, ImageSize size, InkLook look, double wanted)
    {
        if (!look.IsDrawing || size.Height != size.Width)
        {
            return false;
        }

        InkBox box = InkBox.Of(image, size, look);
        return Math.Abs(((double)box.Longer / size.Longer) - wanted) <= OtherSize
            && Math.Abs(box.CentreY + 0.5 - (size.Height / 2.0)) <= OffCentre * size.Height
            && Math.Abs(box.CentreX + 0.5 - (size.Width / 2.0)) <= OffCentre * size.Width;
    }

    private static void Invert(Span<byte> values)
    {
        foreach (ref byte value in values)
        {
            value = (byte)(255 - value);
        }
    }
}
