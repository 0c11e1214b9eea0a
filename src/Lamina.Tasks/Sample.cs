namespace Lamina.Tasks;

/// <summary>An example of the data as a person sees it; a view draws it by its type.</summary>
public abstract record Sample;

/// <summary>An image to be shown: (height, width, channels) of 0 to 255, channels last.</summary>
public sealed record ImageSample(byte[] Pixels, int Height, int Width, int Channels) : Sample;

/// <summary>Images of one size beside each other, such as those that a network draws.</summary>
/// <param name="Images">The images, row by row.</param>
/// <param name="Labels">What each is; empty where nothing is known of them.</param>
/// <param name="Columns">How many stand in a row.</param>
public sealed record ImagesSample(IReadOnlyList<ImageSample> Images, IReadOnlyList<string> Labels, int Columns) : Sample;

/// <summary>A row of a table.</summary>
/// <param name="Place">Where it stands, such as <c>row 17</c>.</param>
/// <param name="Cells">The names of its columns, and what is in them.</param>
public sealed record RowSample(string Place, IReadOnlyList<KeyValuePair<string, string>> Cells) : Sample;

/// <summary>A stretch of a series with its forecast.</summary>
/// <param name="Place">Where the forecast begins, such as <c>from 2018-01-01</c>.</param>
/// <param name="Name">The series.</param>
/// <param name="Past">The last steps before it.</param>
/// <param name="Actual">What came; NaN where that isn't known.</param>
/// <param name="Forecast">What was forecast.</param>
public sealed record SeriesSample(string Place, string Name, IReadOnlyList<double> Past, IReadOnlyList<double> Actual, IReadOnlyList<double> Forecast) : Sample
{
    /// <summary>The lower end of the band; empty where there is none.</summary>
    public IReadOnlyList<double> Low { get; init; } = [];

    /// <summary>The upper end of the band; empty where there is none.</summary>
    public IReadOnlyList<double> High { get; init; } = [];
}

/// <summary>A text.</summary>
/// <param name="Place">Where it stands, such as <c>row 17</c> or a file.</param>
/// <param name="Text">The text, or its beginning.</param>
public sealed record TextSample(string Place, string Text) : Sample;

/// <summary>A sound.</summary>
/// <param name="Place">Where it stands, such as the name of a file.</param>
/// <param name="Seconds">How long it is, without silence at its ends.</param>
/// <param name="Spectrogram">Its spectrogram: time from left to right, low frequencies at the bottom.</param>
public sealed record SoundSample(string Place, double Seconds, ImageSample Spectrogram) : Sample;

/// <summary>A curve over steps.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Values">Its values from left to right; NaN where one is missing.</param>
public sealed record Curve(string Name, IReadOnlyList<float> Values);

/// <summary>A series as curves, one for each channel.</summary>
/// <param name="Place">Where it stands, such as <c>row 17</c> or a file.</param>
/// <param name="Curves">Its channels, or the first of them.</param>
public sealed record CurveSample(string Place, IReadOnlyList<Curve> Curves) : Sample;

/// <summary>A sequence with the labels of its positions; at one of them it is shown as a text.</summary>
/// <param name="Place">Where it stands, such as <c>line 17</c>.</param>
/// <param name="Symbols">Its symbols.</param>
/// <param name="Labels">The label of each position; null where there is none.</param>
public sealed record SequenceSample(string Place, IReadOnlyList<string> Symbols, IReadOnlyList<string?> Labels) : Sample
{
    private const int Around = 8;

    /// <summary>The symbols around a position, which stands in brackets.</summary>
    /// <param name="step">The position, from 0.</param>
    public TextSample At(int step)
    {
        int first = Math.Max(0, step - Around), end = Math.Min(Symbols.Count, step + Around + 1);
        string between = Symbols.All(s => s.Length == 1) ? "" : " ";
        string text = string.Join(between, Enumerable.Range(first, end - first).Select(i => i == step ? $"[{Symbols[i]}]" : Symbols[i]));
        return new($"{Place}, position {step + 1}", $"{(first > 0 ? "…" : "")}{text}{(end < Symbols.Count ? "…" : "")}");
    }
}
