namespace Lamina.Learning.Training;

/// <summary>How a step is made.</summary>
public sealed record StepOptions
{
    /// <summary>The random seed: of weights that nobody set, dropout, and everything else that is drawn.</summary>
    public long Seed { get; init; }

    /// <summary>The largest norm of all gradients together; larger ones are scaled down to it. Null: no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Whether the norm of all gradients is measured: another pass over them, some percent of a dense network's step.</summary>
    public bool MeasureNorm { get; init; }

    /// <summary>The largest absolute value of a gradient's elements; larger ones are cut to it. Null: no limit.</summary>
    public double? ClipValue { get; init; }

    /// <summary>The decay of a running mean of the weights, such as 0.999; null: none is kept.</summary>
    public double? AverageDecay { get; init; }
}
