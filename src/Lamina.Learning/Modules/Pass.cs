using Lamina.Tensors;

namespace Lamina.Learning.Modules;

/// <summary>
/// How a forward pass is meant: training (dropout drops, batch norm uses the batch's statistics) or evaluation. It is
/// an argument, so no network is left in the wrong mode.
/// </summary>
public sealed class Pass
{
    private readonly Tensor? _key;
    private int _streams;

    private Pass(Tensor? key) => _key = key;

    /// <summary>Predicting: nothing is random, nothing is updated.</summary>
    public static Pass Evaluation { get; } = new(null);

    /// <summary>Training; <paramref name="key"/> is int64 (seed, step), from which everything random in the pass is drawn.</summary>
    public static Pass Training(Tensor key) => new(key);

    /// <summary>Training by hand: what is random depends on the seed and the step.</summary>
    public static Pass Training(long seed, long step) => new(Tensor.From([seed, step]));

    /// <summary>Whether this is a training pass.</summary>
    public bool IsTraining => _key is not null;

    /// <summary>The key of a training pass.</summary>
    public Tensor Key => _key ?? throw new InvalidOperationException("an evaluation pass draws nothing at random");

    /// <summary>A stream that no other draw of this pass uses. Calls come in the order of the forward pass, so it is the same every step.</summary>
    public int NextStream() => _streams++;
}
