using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

/// <summary>
/// What a network's output means; saved with the network by a registered name. A partial record that derives from it and keeps its options
/// in its properties can be saved, as a layer can.
/// </summary>
public abstract record OutputMeaning : ISavedByName
{
    /// <summary>The answer of a network's output, (batch, …), in tensor ops: they become part of a predictor's plan.</summary>
    /// <exception cref="TensorException">The output doesn't fit.</exception>
    public virtual Tensor Apply(Tensor y) => y;
}

/// <summary>Logits (…, classes) of classes that exclude each other; the answer is their probabilities (softmax).</summary>
/// <param name="Names">The classes' names, in order.</param>
public sealed partial record ClassLabels(IReadOnlyList<string> Names) : OutputMeaning
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor y)
    {
        if (y.Rank < 1 || y.Shape[^1] != Names.Count)
            throw new TensorException($"the network gives {y.Shape}, and {Names.Count} classes have names",
                "as many names as the network has classes");
        return y.Softmax();
    }
}

/// <summary>Logits (…, labels) of labels of which an example may have any number; the answer is the probability of each (sigmoid).</summary>
/// <param name="Names">The labels' names, in order.</param>
public sealed partial record IndependentLabels(IReadOnlyList<string> Names) : OutputMeaning
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor y)
    {
        if (y.Rank < 1 || y.Shape[^1] != Names.Count)
            throw new TensorException($"the network gives {y.Shape}, and {Names.Count} labels have names",
            "as many names as the network has outputs");
        return y.Sigmoid();
    }
}

/// <summary>
/// Logits (…, 2) of two classes of which one is rare; the answer is their probabilities (softmax). An example counts as of the rare class where its
/// probability reaches a threshold, which is far below one half where a missed one costs much.
/// </summary>
/// <param name="Names">The classes' names, in order.</param>
/// <param name="Positive">The place of the rare class, 0 or 1.</param>
/// <param name="Threshold">The least probability at which an example counts as of it, 0 to 1; above 1 for never.</param>
public sealed partial record RareClass(IReadOnlyList<string> Names, int Positive, float Threshold) : OutputMeaning
{
    /// <summary>The class of an example by its answer, the probabilities of both.</summary>
    public int Decide(ReadOnlySpan<float> probabilities) => probabilities[Positive] >= Threshold ? Positive : 1 - Positive;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor y)
    {
        if (Names.Count != 2 || Positive is < 0 or > 1)
            throw new TensorException($"{Names.Count} classes have names, and the rare one is number {Positive}",
                "two classes, of which the rare one is 0 or 1");
        if (y.Rank < 1 || y.Shape[^1] != 2)
            throw new TensorException($"the network gives {y.Shape}, not the logits of two classes", "a network with two outputs");
        return y.Softmax();
    }
}

/// <summary>Numbers (…, names) in units; the answer is output · scale + offset, which takes back what was done to the targets.</summary>
/// <param name="Names">What each number is.</param>
/// <param name="Units">The unit of each: <c>m</c>, <c>°C</c>, or an empty text.</param>
/// <param name="Scale">What each output is multiplied by: the targets' deviation.</param>
/// <param name="Offset">What is added to it: the targets' mean.</param>
public sealed partial record Quantities(IReadOnlyList<string> Names, IReadOnlyList<string> Units, IReadOnlyList<float> Scale,
    IReadOnlyList<float> Offset) : OutputMeaning
{
    /// <summary>One number.</summary>
    public static Quantities Of(string name, string unit = "", float scale = 1, float offset = 0) => new([name], [unit], [scale], [offset]);

    /// <inheritdoc/>
    public override Tensor Apply(Tensor y)
    {
        if (Units.Count != Names.Count || Scale.Count != Names.Count || Offset.Count != Names.Count)
            throw new TensorException($"{Names.Count} quantities have {Units.Count} units, {Scale.Count} scales and {Offset.Count} offsets",
                "one of each for each quantity");
        if (y.Rank < 1 || y.Shape[^1] != Names.Count)
            throw new TensorException($"the network gives {y.Shape}, and {Names.Count} quantities have names",
                "as many names as the network has outputs");
        return y * Tensor.From([.. Scale]) + Tensor.From([.. Offset]);
    }
}
