using Lamina.Learning.Data;
using Lamina.Models;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Series;

/// <summary>
/// Windows of series with what comes after them, cut out of the series as they are read: inputs (rows, channels), targets (horizon, targets), where
/// values are missing a second target that is 0 for those and 1 for the others, and to measure by a third, what came a season before.
/// </summary>
/// <param name="tracks">The series as a network sees them.</param>
/// <param name="shape">What the network looks at and gives.</param>
/// <param name="starts">Where windows begin: which track, and its step.</param>
/// <param name="hasMask">Whether there is the second target.</param>
/// <param name="season">The steps of a season where there are the second and the third target; 0 where there is no third.</param>
internal sealed class SeriesWindows(IReadOnlyList<EncodedTrack> tracks, SeriesShape shape, (int Track, int Start)[] starts, bool hasMask,
    int season = 0) : Dataset
{
    private readonly bool _hasMask = hasMask || season > 0;

    /// <inheritdoc/>
    public override int Count => starts.Length;

    /// <inheritdoc/>
    public override Specs Inputs { get; } = new Spec(DType.Float32, [shape.Rows, shape.Channels]);

    /// <inheritdoc/>
    public override Specs Targets { get; } =
        Specs.Create([.. Enumerable.Repeat(new Spec(DType.Float32, [shape.Horizon, shape.Targets]), season > 0 ? 3 : hasMask ? 2 : 1)]);

    /// <summary>Where a window begins.</summary>
    public (int Track, int Start) StartOf(int index) => starts[index];

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        Span<float> inputs = call.Inputs<float>(), targets = call.Targets<float>(), mask = _hasMask ? call.Targets<float>(1) : default,
            before = season > 0 ? call.Targets<float>(2) : default;
        int size = shape.Rows * shape.Channels, ahead = shape.Horizon * shape.Targets;
        for (int i = 0; i < call.Indices.Length; i++)
        {
            (int track, int start) = starts[call.Indices[i]];
            tracks[track].Input(shape, start, inputs.Slice(i * size, size));
            tracks[track].Target(shape, start + shape.Window, targets.Slice(i * ahead, ahead), _hasMask ? mask.Slice(i * ahead, ahead) : default);
            if (season > 0) tracks[track].SeasonBefore(shape, start + shape.Window, season, before.Slice(i * ahead, ahead));
        }
    }
}

/// <summary>A track as a network sees it.</summary>
/// <param name="Values">(steps, channels): targets, covariates, what is known of the future; without missing values.</param>
/// <param name="IsPresent">(steps, targets): whether a target's value was there.</param>
internal sealed record EncodedTrack(float[] Values, bool[] IsPresent)
{
    /// <summary>Writes a window, and what is known of the steps behind it.</summary>
    public void Input(SeriesShape shape, int start, Span<float> to)
    {
        int channels = shape.Channels, window = shape.Window * channels;
        Values.AsSpan(start * channels, window).CopyTo(to);
        if (shape.Known == 0) return;
        Values.AsSpan((start + shape.Window) * channels, shape.Horizon * channels).CopyTo(to[window..]);
        for (int h = 0; h < shape.Horizon; h++) to.Slice(window + h * channels, channels - shape.Known).Clear();
    }

    /// <summary>Writes the steps from <paramref name="first"/> on, and which of them were there.</summary>
    public void Target(SeriesShape shape, int first, Span<float> to, Span<float> mask)
    {
        for (int h = 0; h < shape.Horizon; h++)
        {
            Values.AsSpan((first + h) * shape.Channels, shape.Targets).CopyTo(to[(h * shape.Targets)..]);
            if (mask.IsEmpty) continue;
            for (int t = 0; t < shape.Targets; t++) mask[h * shape.Targets + t] = IsPresent[(first + h) * shape.Targets + t] ? 1 : 0;
        }
    }

    /// <summary>
    /// Writes what came a season before each step from <paramref name="first"/> on, the last known season repeated; the last value where there is
    /// no such season.
    /// </summary>
    public void SeasonBefore(SeriesShape shape, int first, int season, Span<float> to)
    {
        for (int h = 0; h < shape.Horizon; h++)
        {
            int from = first - season + h % season;
            Values.AsSpan((from < 0 ? first - 1 : from) * shape.Channels, shape.Targets).CopyTo(to[(h * shape.Targets)..]);
        }
    }
}
