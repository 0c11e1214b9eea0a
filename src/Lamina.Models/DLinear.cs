using System.Text.Json.Serialization;
using Lamina.Learning.Data;
using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Models;

/// <summary>Options of <see cref="DLinear"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record DLinearOptions
{
    /// <summary>What it looks at and what it gives.</summary>
    public required SeriesShape Shape { get; init; }

    /// <summary>The steps of the moving average that is taken for the trend, odd.</summary>
    [JsonRequired]
    public int Kernel { get; init; } = 25;

    /// <summary>
    /// The last steps of the window whose mean is its level, which is taken away before the linear maps and added again; 0: the whole window.
    /// </summary>
    [JsonRequired]
    public int Level { get; init; }
}

/// <summary>
/// A linear forecast of each series by itself (Zeng et al., 2023: "Are transformers effective for time series forecasting?"): the window is split
/// into a trend, its moving average, and the remainder; a linear map for each, shared by all series, leads to the horizon, and their sum is the
/// forecast. The window's level is taken away before and added again, as the paper's NLinear does with the last value, so that a series may drift.
/// Input and output as <see cref="SeriesShape"/> says.
/// </summary>
/// <remarks>Both maps are one product: with the moving average A it is x · (R + A · (T − R)).</remarks>
public sealed partial class DLinear : Layer
{
    private readonly Tensor _average;

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public DLinear(DLinearOptions options)
    {
        Check(options);
        Options = options;
        SeriesShape shape = options.Shape;
        var first = new Constant(1.0 / shape.Window);
        Trend = new Parameter(first, [shape.Window, shape.Horizon]);
        Remainder = new Parameter(first, [shape.Window, shape.Horizon]);
        Bias = new Parameter(Constant.Zero, [shape.Horizon]);
        Covariates = CovariateHead.Of(shape);
        _average = Average(shape.Window, options.Kernel);
    }

    /// <summary>Options that the network was built with.</summary>
    public DLinearOptions Options { get; }

    /// <summary>From the window's trend to the horizon, (window, horizon).</summary>
    public Parameter Trend { get; }

    /// <summary>From the rest of the window to the horizon, (window, horizon).</summary>
    public Parameter Remainder { get; }

    /// <summary>What is added at each step of the horizon, (horizon).</summary>
    public Parameter Bias { get; }

    /// <summary>What covariates add; null without any.</summary>
    public CovariateHead? Covariates { get; }

    /// <summary>Sets both linear maps to a least-squares fit: a forecast already, from which training starts.</summary>
    /// <param name="fit">The fit, of the network's window, horizon and level.</param>
    /// <exception cref="TensorException">It is of another shape.</exception>
    public void StartFrom(LinearFit fit)
    {
        if (fit.Weight.Shape != Trend.KnownShape) throw new TensorException($"the fit is {fit.Weight.Shape}, the network {Trend.KnownShape}");
        (Trend.Value, Remainder.Value) = (fit.Weight, fit.Weight);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Tensor past = Options.Shape.Past(x, this).Transpose(0, 2, 1); // (batch, targets, window)
        Tensor level = LevelOf(past, Options.Level);
        Tensor weight = Remainder.Value + _average.MatMul(Trend.Value - Remainder.Value);
        int batch = past.Shape[0], targets = past.Shape[1], window = past.Shape[2];
        Tensor rows = (past - level).Reshape(new Shape(batch * targets, window));
        Tensor ahead = (rows.MatMul(weight) + Bias.Value).Reshape(new Shape(batch, targets, Options.Shape.Horizon)) + level;
        Tensor y = ahead.Transpose(0, 2, 1); // (batch, horizon, targets)
        return Covariates is null ? y : y + Covariates.Forward(x, pass);
    }

    /// <summary>The mean of the last steps, (…, 1), of (…, window).</summary>
    internal static Tensor LevelOf(Tensor past, int steps)
    {
        int window = past.Shape[^1];
        Tensor last = steps == 0 || steps >= window ? past : past.Narrow(-1, window - steps, steps);
        return last.Mean([-1], keepDims: true);
    }

    /// <inheritdoc/>
    public override string ToString() => $"DLinear({Options.Shape.Window}-{Options.Shape.Horizon}, {Options.Shape.Targets} series)";

    // (window, window): the mean of the kernel around each step, where the ends are repeated beyond the window.
    private static Tensor Average(int window, int kernel) => Tensor.Create<float>([window, window], a =>
    {
        a.Clear();
        for (int to = 0; to < window; to++)
            for (int k = -(kernel / 2); k <= kernel / 2; k++) a[Math.Clamp(to + k, 0, window - 1) * window + to] += 1f / kernel;
    });

    // Options may come from a file.
    private static void Check(DLinearOptions o)
    {
        o.Shape.Check();
        SeriesShape.Range(o.Shape.Window, 1, 10_000, nameof(o.Shape.Window), "steps of the window"); // the average is a square of it
        if (o.Kernel is < 1 or > 10_001 || o.Kernel % 2 == 0) throw new ArgumentOutOfRangeException(nameof(o.Kernel), o.Kernel,
            "the kernel is an odd number of steps from 1 to 10,001");
        SeriesShape.Range(o.Level, 0, o.Shape.Window, nameof(o.Level), "steps of the level");
    }
}
