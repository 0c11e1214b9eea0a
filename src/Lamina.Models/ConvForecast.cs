using System.Text.Json.Serialization;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Options of <see cref="ConvForecast"/>; saved beside its weights, whole: a default that changes must not change a saved network.</summary>
public sealed record ConvForecastOptions
{
    /// <summary>What it looks at and what it gives.</summary>
    public required SeriesShape Shape { get; init; }

    /// <summary>Channels of each block; block i looks 2ⁱ steps apart.</summary>
    [JsonRequired]
    public IReadOnlyList<int> Widths { get; init; } = [32, 32, 32, 32, 32, 32];

    /// <summary>Steps that each convolution looks at.</summary>
    [JsonRequired]
    public int Kernel { get; init; } = 3;

    /// <summary>The share of channels that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.2;
}

/// <summary>
/// A forecast by a <see cref="TemporalConvNet"/>: all targets and covariates of the window together, each target at mean 0 and deviation 1 in its
/// window (reversible instance normalisation, Kim et al., 2022); what the last step says is the horizon. Input and output as
/// <see cref="SeriesShape"/> says.
/// </summary>
public sealed partial class ConvForecast : Layer
{
    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ConvForecast(ConvForecastOptions options)
    {
        options.Shape.Check();
        Options = options;
        SeriesShape shape = options.Shape;
        Body = new TemporalConvNet(shape.Targets, new TemporalConvNetOptions
        {
            Outputs = options.Widths[^1], Widths = options.Widths, Kernel = options.Kernel, Dropout = options.Dropout,
        });
        Head = new Linear(options.Widths[^1], checked(shape.Horizon * shape.Targets));
        Covariates = CovariateHead.Of(shape);
    }

    /// <summary>Options that the network was built with.</summary>
    public ConvForecastOptions Options { get; }

    /// <summary>Looks at the window.</summary>
    public TemporalConvNet Body { get; }

    /// <summary>From the last step to the horizon.</summary>
    public Linear Head { get; }

    /// <summary>What covariates add; null without any.</summary>
    public CovariateHead? Covariates { get; }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        SeriesShape shape = Options.Shape;
        (Tensor series, Tensor mean, Tensor deviation) = InstanceScale.Of(shape.Past(x, this).Transpose(0, 2, 1)); // (batch, targets, window)
        Tensor last = Body.Forward(series.Transpose(0, 2, 1), pass).Narrow(1, shape.Window - 1, 1).Squeeze(1);
        Tensor ahead = Head.Forward(last, pass).Reshape(new Shape(x.Shape[0], shape.Targets, shape.Horizon));
        Tensor y = (ahead * deviation + mean).Transpose(0, 2, 1);
        return Covariates is null ? y : y + Covariates.Forward(x, pass);
    }

    /// <inheritdoc/>
    public override string ToString() => $"ConvForecast({Options.Shape.Window}-{Options.Shape.Horizon}, {string.Join("-", Options.Widths)})";
}
