namespace Lamina.Tasks.Reports;

/// <summary>Drawn images in a page.</summary>
internal static class DrawingHtml
{
    private const int MostSheet = 1_024, MostSide = 128, LeastShown = 2;

    /// <summary>Images beside each other, twice as large as they are.</summary>
    public static void Sheet(HtmlWriter html, ImagesSample images)
    {
        ImageSample sheet = ImagePng.Sheet(images.Images, images.Columns);
        string alt = images.Labels.Count == 0 ? "drawn images" : $"drawn images of {SampleHtml.Name(string.Join(", ", images.Labels.Distinct()))}";
        html.Add($"""<div class="scroll"><img class="sheet" alt="{alt}" width="{LeastShown * sheet.Width}" src="{Data(sheet, MostSheet)}"></div>""");
    }

    /// <summary>Drawn images, each beside the training image that is nearest.</summary>
    public static void Add(HtmlWriter html, IReadOnlyList<DrawnImage> drawings)
    {
        html.Add($"<section><h2>Drawn, and the nearest training image</h2>");
        html.Add($"<p>Left what was drawn, right the training image whose pixels differ least: a copy would be the same on both sides. ");
        html.Add($"Those most like a training image come first.</p>");
        html.Add($"""<ul class="worst">""");
        foreach (DrawnImage one in drawings)
        {
            ImageSample both = ImagePng.Sheet([one.Image, one.Nearest], 2);
            string what = one.Class is { } name ? SampleHtml.Name(name) : "an image";
            html.Add($"""<li><figure><img alt="{what}, and the nearest training image" src="{Data(both, 2 * MostSide)}"><figcaption>""");
            string read = one.ReadAs is { } other && other != one.Class ? $", read as {SampleHtml.Name(other)}" : "";
            if (one.Class is not null) html.Add($"<b>{what}</b>{read} ");
            html.Add($"""<span class="soft">{Wordings.Number(one.Distance)} apart</span></figcaption></figure></li>""");
        }
        html.Add($"</ul></section>\n");
    }

    private static Markup Data(ImageSample image, int mostSide) => new($"data:image/png;base64,{Convert.ToBase64String(ImagePng.Of(image, mostSide))}");
}
