using System.Text.Json.Serialization;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>
/// What a network that forecasts looks at and what it gives. Its input is (batch, rows, channels): a row for each step of the window and, where
/// anything is known of the future, one for each step of the horizon. The channels are the targets, the covariates, and what is known of the
/// future; in the rows of the horizon the first two are zeros. Its output is (batch, horizon, targets).
/// </summary>
public sealed record SeriesShape
{
    /// <summary>The steps that are looked back on, from 1.</summary>
    public required int Window { get; init; }

    /// <summary>The steps that are forecast, from 1.</summary>
    public required int Horizon { get; init; }

    /// <summary>The series that are forecast, from 1.</summary>
    public required int Targets { get; init; }

    /// <summary>Other series, known up to the present.</summary>
    [JsonRequired]
    public int Covariates { get; init; }

    /// <summary>Series that are known in the future too, such as the place in the year.</summary>
    [JsonRequired]
    public int Known { get; init; }

    /// <summary>The channels of the input.</summary>
    [JsonIgnore]
    public int Channels => Targets + Covariates + Known;

    /// <summary>The rows of the input.</summary>
    [JsonIgnore]
    public int Rows => Window + (Known > 0 ? Horizon : 0);

    /// <summary>The targets of the window, (batch, window, targets).</summary>
    /// <exception cref="TensorException">The input has another shape.</exception>
    internal Tensor Past(Tensor x, Network network)
    {
        if (x.Rank != 3 || x.Shape[1] != Rows || x.Shape[2] != Channels)
            throw new TensorException($"{network} takes windows (batch, {Rows}, {Channels}), not {x.Shape}", "windows as the network's options say");
        return x.Narrow(1, 0, Window).Narrow(2, 0, Targets);
    }

    /// <summary>Checks the options, which may come from a file.</summary>
    internal void Check()
    {
        const int Most = 100_000;
        Range(Window, 1, Most, nameof(Window), "steps of the window");
        Range(Horizon, 1, Most, nameof(Horizon), "steps of the horizon");
        Range(Targets, 1, Most, nameof(Targets), "targets");
        Range(Covariates, 0, Most, nameof(Covariates), "covariates");
        Range(Known, 0, Most, nameof(Known), "series that are known in the future");
    }

    internal static void Range(int value, int least, int most, string name, string what)
    {
        if (value < least || value > most) throw new ArgumentOutOfRangeException(name, value, $"there are {least:N0} to {most:N0} {what}");
    }
}

/// <summary>
/// What covariates add to a forecast: (batch, rows, channels) → (batch, horizon, targets). Each covariate's window goes through one linear map to
/// the horizon, and what is known of each step of the horizon counts by its distance from the window's mean; both are mixed linearly into the
/// targets. It adds nothing before it is trained.
/// </summary>
public sealed partial class CovariateHead : Layer
{
    /// <summary>The head of a network of this shape, which has covariates or something known of the future.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The shape makes no sense.</exception>
    public CovariateHead(SeriesShape shape)
    {
        shape.Check();
        Shape = shape;
        if (shape.Covariates > 0)
        {
            Window = new Linear(shape.Window, shape.Horizon, initializer: new Uniform(-1.0 / shape.Window, 1.0 / shape.Window));
            Mix = new Linear(shape.Covariates, shape.Targets, bias: false, Constant.Zero);
        }
        if (shape.Known > 0) Future = new Linear(shape.Known, shape.Targets, bias: false, Constant.Zero);
    }

    /// <summary>The shape of the network that it belongs to.</summary>
    public SeriesShape Shape { get; }

    /// <summary>From the window to the horizon, for every covariate; null without covariates.</summary>
    public Linear? Window { get; }

    /// <summary>From the covariates to the targets; null without covariates.</summary>
    public Linear? Mix { get; }

    /// <summary>From what is known of a step to the targets; null where nothing is.</summary>
    public Linear? Future { get; }

    /// <summary>The head of a network of this shape; null where there is nothing to add.</summary>
    internal static CovariateHead? Of(SeriesShape shape) => shape.Covariates + shape.Known > 0 ? new(shape) : null;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        Tensor? sum = null;
        if (Window is not null)
        {
            Tensor past = x.Narrow(1, 0, Shape.Window).Narrow(2, Shape.Targets, Shape.Covariates);
            Tensor level = past - past.Mean([1], keepDims: true);
            sum = Mix!.Forward(Window.Forward(level.Transpose(0, 2, 1), pass).Transpose(0, 2, 1), pass);
        }
        if (Future is null) return sum!;
        Tensor known = x.Narrow(2, Shape.Targets + Shape.Covariates, Shape.Known);
        Tensor ahead = known.Narrow(1, Shape.Window, Shape.Horizon) - known.Narrow(1, 0, Shape.Window).Mean([1], keepDims: true);
        Tensor added = Future.Forward(ahead, pass);
        return sum is null ? added : sum + added;
    }

    /// <inheritdoc/>
    public override string ToString() => $"CovariateHead({Shape.Covariates} covariates, {Shape.Known} known)";
}
