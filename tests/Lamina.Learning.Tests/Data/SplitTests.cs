using Lamina.Learning.Data;
using Xunit;

namespace Lamina.Learning.Tests.Data;

public class SplitTests
{
    private static int[] Labels(params int[] counts) => [.. counts.SelectMany((n, label) => Enumerable.Repeat(label, n)).OrderBy(i => i * 7919 % 13)];

    private static int Of(int[] part, int[] labels, int label) => part.Count(i => labels[i] == label);

    [Fact]
    public void Parts_cover_the_set_once()
    {
        int[] labels = Labels(40, 17, 3, 2, 1, 90);
        var split = new Split { Validation = 0.15, Test = 0.2, Seed = 4 };
        foreach (SplitParts parts in new[] { split.Stratified(labels), split.Plain(labels.Length) })
            Assert.Equal(Enumerable.Range(0, labels.Length), parts.Training.Concat(parts.Validation).Concat(parts.Test).Order());
        Assert.Equal((23, 31), (split.Plain(153).Validation.Length, split.Plain(153).Test.Length));
    }

    [Fact]
    public void Classes_keep_their_proportions()
    {
        int[] labels = Labels(1000, 500, 100, 10);
        SplitParts parts = new Split { Validation = 0.1, Test = 0.2 }.Stratified(labels);
        int[] validation = [100, 50, 10, 1], test = [200, 100, 20, 2];
        for (int label = 0; label < 4; label++)
            Assert.Equal((validation[label], test[label]), (Of(parts.Validation, labels, label), Of(parts.Test, labels, label)));
    }

    [Fact]
    public void Many_small_classes_add_up_to_the_fraction()
    {
        int[] labels = Labels([.. Enumerable.Repeat(14, 50)]);
        SplitParts parts = new Split { Validation = 0.1 }.Stratified(labels);
        Assert.InRange(parts.Validation.Length, 69, 71);
    }

    [Fact]
    public void Small_classes_are_in_every_part_where_they_can_be()
    {
        int[] labels = Labels(2, 3, 4, 1, 100);
        SplitParts parts = new Split { Validation = 0.05, Test = 0.05 }.Stratified(labels);
        Assert.Equal((1, 1, 0), (Of(parts.Training, labels, 0), Of(parts.Validation, labels, 0), Of(parts.Test, labels, 0)));
        Assert.Equal((1, 1, 1), (Of(parts.Training, labels, 1), Of(parts.Validation, labels, 1), Of(parts.Test, labels, 1)));
        Assert.Equal((2, 1, 1), (Of(parts.Training, labels, 2), Of(parts.Validation, labels, 2), Of(parts.Test, labels, 2)));
        Assert.Equal((1, 0, 0), (Of(parts.Training, labels, 3), Of(parts.Validation, labels, 3), Of(parts.Test, labels, 3)));
        SplitParts testOnly = new Split { Validation = 0, Test = 0.05 }.Stratified(labels);
        Assert.Equal((1, 0, 1), (Of(testOnly.Training, labels, 0), Of(testOnly.Validation, labels, 0), Of(testOnly.Test, labels, 0)));
    }

    [Fact]
    public void The_seed_decides()
    {
        int[] labels = Labels(50, 50);
        int[] Draw(long seed) => new Split { Seed = seed }.Stratified(labels).Validation;
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Split { Validation = 0.5, Test = 0.5 }.Plain(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Split { Validation = double.NaN }.Plain(10));
        Assert.Empty(new Split().Stratified([]).Training);
        Assert.Empty(new Split().Plain(0).Training);
    }
}
