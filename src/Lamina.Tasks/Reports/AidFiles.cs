namespace Lamina.Tasks.Reports;

/// <summary>Files about what was looked at before a training.</summary>
public static class AidFiles
{
    /// <summary>Draws the loss by learning rate as a picture of its own, SVG.</summary>
    /// <param name="search">The curve and the suggestion.</param>
    /// <param name="file">The file, which is written over.</param>
    /// <exception cref="Lamina.Formats.SaveException">It can't be written.</exception>
    public static void Save(this RateSearch search, string file) => RunReport.Write(file, RateCurveSvg.Of(search));

    /// <summary>Writes the page about data, HTML.</summary>
    /// <param name="look">What was seen.</param>
    /// <param name="file">The file, which is written over.</param>
    /// <exception cref="Lamina.Formats.SaveException">It can't be written.</exception>
    public static void Save(this DataLook look, string file) => RunReport.Write(file, DataPage.Of(look));
}
