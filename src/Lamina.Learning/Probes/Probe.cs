using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Probes;

/// <summary>Target of a probe.</summary>
public enum ProbeTarget
{
    /// <summary>The outputs of layers, by the layers' paths.</summary>
    Activation,

    /// <summary>The gradients of parameters, by the parameters' paths, before clipping.</summary>
    Gradient,

    /// <summary>The changes of parameters by a step, by the parameters' paths.</summary>
    Update,
}

/// <summary>
/// A statistic of activations, gradients or updates, taken while a recorded step runs: one number for each layer or parameter whose path
/// fits. The step's own results are the same bits with and without it.
/// </summary>
/// <param name="Name">The statistic's name, such as <c>mean</c>.</param>
/// <param name="Pattern">The paths, such as <c>hidden.*</c>; a star stands for any characters.</param>
/// <param name="Target">What is looked at.</param>
/// <param name="Statistic">Makes a scalar of a tensor, in tensor ops: it is recorded.</param>
public sealed record Probe(string Name, string Pattern, ProbeTarget Target, Func<ProbedTensor, Tensor> Statistic)
{
    /// <summary>The mean.</summary>
    public static Probe Mean(ProbeTarget target, string pattern = "*") => new("mean", pattern, target, x => Statistics.Mean(x.Value));

    /// <summary>The standard deviation.</summary>
    public static Probe Deviation(ProbeTarget target, string pattern = "*") => new("deviation", pattern, target, x => Statistics.Deviation(x.Value));

    /// <summary>The share of elements that are exactly 0: of activations behind a ReLU, those of units that are silent.</summary>
    public static Probe Zeros(ProbeTarget target, string pattern = "*") => new("zeros", pattern, target, x => Statistics.Zeros(x.Value));

    /// <summary>The share of elements whose size is above <paramref name="limit"/>: of tanh, those that hardly learn.</summary>
    public static Probe Saturation(ProbeTarget target, string pattern = "*", double limit = 0.97) =>
        new("saturation", pattern, target, x => Statistics.Saturation(x.Value, limit));

    /// <summary>The root of the sum of squares.</summary>
    public static Probe Norm(ProbeTarget target, string pattern = "*") => new("norm", pattern, target, x => Statistics.Norm(x.Value));

    /// <summary>The norm of a parameter's update as a share of the parameter's norm: about 0.001 where training goes well.</summary>
    public static Probe UpdateRatio(string pattern = "*") =>
        new("ratio", pattern, ProbeTarget.Update, x => Statistics.Norm(x.Value) / Statistics.Norm(x.Weight!).Maximum(1e-12));

    /// <summary>The usual probes of everything: mean, deviation and zeros of activations, norm of gradients, ratio of updates.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        Mean(ProbeTarget.Activation), Deviation(ProbeTarget.Activation), Zeros(ProbeTarget.Activation), Norm(ProbeTarget.Gradient), UpdateRatio(),
    ];

    /// <summary>Whether a path is looked at.</summary>
    public bool Fits(string path) => PathPattern.Fits(Pattern, path);
}

/// <summary>Quantity that a statistic is taken of.</summary>
/// <param name="Value">The activation, gradient or update.</param>
/// <param name="Weight">For gradients and updates, the parameter before the step.</param>
public readonly record struct ProbedTensor(Tensor Value, Tensor? Weight);

/// <summary>A number that a probe gave.</summary>
/// <param name="Path">The path of the layer or parameter, such as <c>hidden.1</c>; for layers with several outputs, the output's name behind a colon.</param>
/// <param name="Target">What was looked at.</param>
/// <param name="Name">The statistic's name.</param>
/// <param name="Value">The number.</param>
public readonly record struct ProbeValue(string Path, ProbeTarget Target, string Name, double Value);
