using System.Text.Json.Serialization;

namespace Lamina.Tasks;

/// <summary>The next steps of series: the network gives (horizon, columns), each column in standard units of its own.</summary>
/// <param name="Columns">The series, in the order of the outputs; their names differ.</param>
/// <param name="Horizon">The number of steps.</param>
/// <param name="Window">The number of steps that it looks back on; the targets are the first channels of its input.</param>
public sealed record SeriesOutput(IReadOnlyList<NumberOutput> Columns, int Horizon, int Window) : OutputMeaning
{
    private const int MostValues = 10_000_000;

    /// <summary>The steps after which series repeat themselves; 1 where they don't.</summary>
    public int Season { get; init; } = 1;

    /// <summary>The standard deviation of each column over the training steps, in its own unit: what errors are scaled by.</summary>
    public required IReadOnlyList<double> Scales { get; init; }

    /// <summary>The mean absolute difference of each column over a season in the training steps, in its own unit: what MASE is relative to.</summary>
    public required IReadOnlyList<double> SeasonalErrors { get; init; }

    /// <summary>The usual unrest of each column's windows, in standard units; see <see cref="Band"/>.</summary>
    public IReadOnlyList<double> Unrest { get; init; } = [];

    /// <summary>The linear map that is a baseline; null where it is too large.</summary>
    public LinearBaseline? Linear { get; init; }

    /// <summary>The band around a forecast, measured on the validation steps; null where it isn't known.</summary>
    public SeriesBand? Band { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Text => $"the next {(Horizon == 1 ? "step" : $"{Horizon} steps")} of {Wording.Count(Columns.Count, "column")}";

    /// <inheritdoc/>
    internal override string? Problem =>
        Columns.Count < 1 || Horizon < 1 || Window < 1 || (long)Columns.Count * Horizon > MostValues
            ? $"there are {Columns.Count} columns and {Horizon} steps"
        : Columns.Any(n => n?.Name is null) || Columns.DistinctBy(n => n.Name).Count() < Columns.Count ? "the names of the columns don't differ"
        : Columns.Select(n => n.Problem).FirstOrDefault(p => p is not null) is { } problem ? problem
        : Scales.Count != Columns.Count || Scales.Any(s => !(s > 0) || !double.IsFinite(s)) || SeasonalErrors.Count != Columns.Count
            ? "the columns don't each have a scale"
        : Season < 1 ? "the season is no number of steps"
        : Band is { } band && (band.Low.Count != Columns.Count * Horizon || band.High.Count != band.Low.Count || Unrest.Count != Columns.Count)
            ? "the band isn't one for each step and column"
        : Linear is { } linear && linear.Values.Length != Window * Horizon ? "the linear baseline has another size" : null;

    /// <summary>How unrestful a window of a column is against the usual: 1 for the usual.</summary>
    /// <param name="window">The values of a window in standard units.</param>
    /// <param name="stride">The distance of two steps.</param>
    /// <param name="column">The column, which is also where its first value stands.</param>
    internal double UnrestOf(ReadOnlySpan<float> window, int stride, int column)
    {
        double raw = RawUnrest(window, stride, column);
        return column < Unrest.Count && Unrest[column] > 0 ? Math.Clamp(raw / Unrest[column], 0.25, 4) : 1;
    }

    /// <summary>The number of differences that the unrest of a window is the mean of.</summary>
    [JsonIgnore]
    internal int Differences => Window - Lag;

    // A season, or neighbours where the window is shorter than two.
    private int Lag => Window >= 2 * Season ? Season : 1;

    /// <summary>The mean absolute difference of a window's values a season apart, or of neighbours where it is shorter than two.</summary>
    internal double RawUnrest(ReadOnlySpan<float> window, int stride, int column)
    {
        int lag = Lag;
        if (Window <= lag) return 0;
        double sum = 0;
        for (int i = lag; i < Window; i++) sum += Math.Abs(window[i * stride + column] - window[(i - lag) * stride + column]);
        return sum / (Window - lag);
    }
}

/// <summary>
/// The range around a forecast, for each step of the horizon and column: quantiles of the errors on the validation steps (split conformal prediction,
/// Lei et al., 2018), in standard units. Errors are taken relative to the unrest of their window, to a power, so that the band is wide where a
/// series is restless.
/// </summary>
/// <param name="LowShare">The share of values below the band.</param>
/// <param name="HighShare">The share of values below its upper end.</param>
/// <param name="Power">The power of the unrest that errors are relative to, 0 to 1.</param>
/// <param name="Low">What is added to a forecast for the lower end, (horizon, columns).</param>
/// <param name="High">What is added to it for the upper end.</param>
public sealed record SeriesBand(double LowShare, double HighShare, double Power, IReadOnlyList<float> Low, IReadOnlyList<float> High)
{
    /// <summary>The share of values that lie within.</summary>
    [JsonIgnore]
    public double Share => HighShare - LowShare;
}

/// <summary>A linear map from a window to its horizon, fitted by least squares on the training steps, shared by all columns.</summary>
/// <param name="Level">The last steps whose mean is taken away before and added after; 0: the whole window.</param>
/// <param name="Weights">(window, horizon), float32 in base 64.</param>
public sealed record LinearBaseline(int Level, string Weights)
{
    private float[]? _values;

    /// <summary>(window, horizon); empty where the text is no such list.</summary>
    [JsonIgnore]
    public float[] Values => _values ??= Decode();

    /// <summary>The map of these values.</summary>
    public static LinearBaseline Of(int level, ReadOnlySpan<float> values) =>
        new(level, Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values)));

    private float[] Decode()
    {
        try
        {
            byte[] bytes = Convert.FromBase64String(Weights);
            return bytes.Length % 4 == 0 ? [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes)] : [];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
