using System.Text.Json.Serialization;
using Lamina.Learning.Layers;

namespace Lamina.Learning.Schedules;

/// <summary>
/// Multiplies the rate by <see cref="Factor"/> when the score of an epoch was no better for more than <see cref="Patience"/> epochs
/// in a row. Unlike the others it depends on scores: tell it each with <see cref="Observe"/>.
/// </summary>
public sealed record OnPlateau : Schedule
{
    private ScheduleState _state = ScheduleState.Start;

    /// <summary>A schedule that waits for plateaus.</summary>
    /// <param name="factor">What the rate is multiplied by.</param>
    /// <param name="patience">Number of epochs without improvement to tolerate.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not above 0 and less than 1, or the patience negative.</exception>
    public OnPlateau(double factor = 0.1, int patience = 10)
    {
        Factor = Expect.Between(double.Epsilon, 1, factor);
        Patience = Expect.AtLeast(0, patience);
    }

    /// <summary>Factor on the learning rate.</summary>
    public double Factor { get; }

    /// <summary>Number of epochs without improvement to tolerate.</summary>
    public int Patience { get; }

    /// <summary>How much better a score has to be to count: a share of the best one, or a difference where <see cref="IsRelative"/> is false.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Whether the threshold is a share of the best score.</summary>
    public bool IsRelative { get; init; } = true;

    /// <summary>Epochs after a change in which scores don't count.</summary>
    public int Cooldown { get; init; }

    /// <summary>The factor below which the rate is never brought.</summary>
    public double Minimum { get; init; }

    /// <inheritdoc/>
    public override double At(long step, long totalSteps) => _state.Factor;

    /// <inheritdoc/>
    public override void Observe(double score, bool higherIsBetter = false)
    {
        double step = IsRelative ? Threshold * Math.Abs(_state.Best ?? 0) : Threshold;
        bool better = double.IsFinite(score) && (_state.Best is not { } best || (higherIsBetter ? score > best + step : score < best - step));
        int cooldown = Math.Max(0, _state.Cooldown - 1), waited = better || _state.Cooldown > 0 ? 0 : _state.Waited + 1;
        _state = waited > Patience
            ? new(Math.Max(Minimum, _state.Factor * Factor), better ? score : _state.Best, 0, Cooldown)
            : new(_state.Factor, better ? score : _state.Best, waited, cooldown);
    }

    /// <inheritdoc/>
    [JsonIgnore]
    public override ScheduleState State => _state;

    /// <inheritdoc/>
    public override void Restore(ScheduleState state) => _state = state;
}
