using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Metrics;

/// <summary>
/// The macro F1 of labels of which an example may have any number: the mean of the labels' F1 over those that occur or were said. A label is
/// said where its logit is above 0, a probability above one half. Predictions are logits (…, labels), targets 0 or 1 of the same shape.
/// </summary>
public sealed class LabelF1 : Metric
{
    // For each label: said and right, said, actual.
    private readonly long[] _right, _said, _actual;

    /// <summary>For so many labels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no labels.</exception>
    public LabelF1(int labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 1);
        (_right, _said, _actual) = (new long[labels], new long[labels], new long[labels]);
    }

    /// <inheritdoc/>
    public override string Name => "f1";

    /// <inheritdoc/>
    public override bool HigherIsBetter => true;

    /// <inheritdoc/>
    public override double Value
    {
        get
        {
            double sum = 0;
            int occurring = 0;
            for (int i = 0; i < _said.Length; i++)
            {
                if (_said[i] + _actual[i] == 0) continue;
                sum += 2.0 * _right[i] / (_said[i] + _actual[i]);
                occurring++;
            }
            return occurring == 0 ? double.NaN : sum / occurring;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<double> Totals
    {
        get => [.. _right.Concat(_said).Concat(_actual).Select(n => (double)n)];
        set
        {
            for (int i = 0; i < _said.Length; i++)
                (_right[i], _said[i], _actual[i]) = ((long)value[i], (long)value[_said.Length + i], (long)value[2 * _said.Length + i]);
        }
    }

    /// <inheritdoc/>
    public override void Add(Tensor prediction, Tensor target)
    {
        if (prediction.Shape != target.Shape || prediction.Rank < 1 || prediction.Shape[^1] != _said.Length)
            throw new TensorException($"{Name}: the prediction has shape {prediction.Shape}, the target {target.Shape}; both must end in "
                + $"{_said.Length} labels");
        ReadOnlySpan<float> logits = prediction.Cast(DType.Float32).Read<float>(), labels = target.Cast(DType.Float32).Read<float>();
        for (int i = 0; i < logits.Length; i++)
        {
            int label = i % _said.Length;
            bool isSaid = logits[i] > 0, isActual = labels[i] > 0.5f;
            if (isSaid) _said[label]++;
            if (isActual) _actual[label]++;
            if (isSaid && isActual) _right[label]++;
        }
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        foreach (long[] counts in (long[][])[_right, _said, _actual]) Array.Clear(counts);
    }
}
