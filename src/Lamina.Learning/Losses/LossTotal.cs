using Lamina.Learning.Data;

namespace Lamina.Learning.Losses;

/// <summary>
/// A mean loss over batches that is the same however the examples are cut into batches: the sum of all losses by the sum of
/// all weights. 0 where every weight is 0.
/// </summary>
internal readonly record struct LossTotal(double Sum, double Weight)
{
    public double Mean => Weight > 0 ? Sum / Weight : 0;

    /// <summary>With a batch more; <paramref name="sums"/> are those of <see cref="Loss.Sums"/>, or null where every example counts the same.</summary>
    public LossTotal Add(double loss, Batch batch, (double Sum, double Weight)? sums) =>
        sums is { } s ? new(Sum + s.Sum, Weight + s.Weight) : new(Sum + loss * batch.Count, Weight + batch.Count);
}
