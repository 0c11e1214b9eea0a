using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

/// <summary>What brings one series of values to standard units: <c>(value − mean) / deviation</c>, or that of its logarithm.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation, above 0.</param>
/// <param name="IsLog">Whether the natural logarithm is taken first.</param>
public sealed record ValueScale(float Mean, float Deviation, bool IsLog);

/// <summary>Windows of series (batch, steps, channels) in their own units to standard units, each channel by its scale.</summary>
/// <param name="Scales">The scale of each channel.</param>
public sealed partial record NormalizeSeries(IReadOnlyList<ValueScale> Scales) : Preprocessing
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor x)
    {
        if (x.Rank < 1 || x.Shape[^1] != Scales.Count)
            throw new TensorException($"preprocessing: the windows {x.Shape} don't have {Scales.Count} channels in their last axis",
                "windows like those that the network was trained on");
        if (Scales.Any(s => s.IsLog)) x = Tensor.Where(ScaleTensors.IsLog(Scales), x.Maximum(1e-30).Log(), x);
        return (x - ScaleTensors.Mean(Scales)) / ScaleTensors.Deviation(Scales);
    }
}

/// <summary>Forecasts (batch, steps, names) in standard units; the answer is in the units of the series.</summary>
/// <param name="Names">The series.</param>
/// <param name="Scales">The scale of each.</param>
public sealed partial record SeriesValues(IReadOnlyList<string> Names, IReadOnlyList<ValueScale> Scales) : OutputMeaning
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor y)
    {
        if (Scales.Count != Names.Count) throw new TensorException($"{Names.Count} series have {Scales.Count} scales", "one for each series");
        if (y.Rank < 1 || y.Shape[^1] != Names.Count) throw new TensorException($"the network gives {y.Shape}, and {Names.Count} series have names",
            "as many names as the network has outputs");
        y = y * ScaleTensors.Deviation(Scales) + ScaleTensors.Mean(Scales);
        return Scales.Any(s => s.IsLog) ? Tensor.Where(ScaleTensors.IsLog(Scales), y.Exp(), y) : y;
    }
}

/// <summary>Scales as tensors (channels).</summary>
file static class ScaleTensors
{
    public static Tensor Mean(IReadOnlyList<ValueScale> scales) => Tensor.From([.. scales.Select(s => s.Mean)]);

    public static Tensor Deviation(IReadOnlyList<ValueScale> scales) => Tensor.From([.. scales.Select(s => s.Deviation)]);

    public static Tensor IsLog(IReadOnlyList<ValueScale> scales) => Tensor.From([.. scales.Select(s => s.IsLog)]);
}
