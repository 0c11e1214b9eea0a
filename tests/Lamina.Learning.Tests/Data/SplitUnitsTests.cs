using Lamina.Learning.Data;
using Xunit;

namespace Lamina.Learning.Tests.Data;

/// <summary>Splits that keep examples together.</summary>
public sealed class SplitUnitsTests
{
    private static readonly Split s_split = new() { Seed = 3, Validation = 0.1, Test = 0.2 };

    private static int[] All(SplitParts parts) => [.. parts.Training.Concat(parts.Validation).Concat(parts.Test).Order()];

    private static void AssertApart(SplitParts parts, int[] units)
    {
        int[][] sides = [.. new[] { parts.Training, parts.Validation, parts.Test }.Select(p => p.Select(i => units[i]).Distinct().ToArray())];
        Assert.Equal(sides.Sum(s => s.Length), sides.SelectMany(s => s).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, units.Length), All(parts));
    }

    [Fact]
    public void Units_join_whatever_has_a_key_in_common()
    {
        object?[] first = ["a", "b", "a", null, null, "c"], second = [1, 2, 3, 2, 4, 3];
        Assert.Equal([0, 1, 0, 1, 4, 0], Split.Units(6, first, second));
        Assert.Equal([0, 1, 2], Split.Units(3, new object?[3]));
    }

    [Fact]
    public void Without_duplicates_the_parts_are_those_of_the_plain_splits()
    {
        int[] labels = [.. Enumerable.Range(0, 100).Select(i => i % 3)], alone = [.. Enumerable.Range(0, 100)];
        SplitParts expected = s_split.Stratified(labels), parts = s_split.Together(alone, labels);
        Assert.Equal(expected.Training, parts.Training);
        Assert.Equal(expected.Validation, parts.Validation);
        Assert.Equal(expected.Test, parts.Test);
        Assert.Equal(s_split.Plain(100).Test, s_split.Together(alone, []).Test);
    }

    [Fact]
    public void Duplicates_stay_together()
    {
        int[] units = [.. Enumerable.Range(0, 120).Select(i => i % 40)], labels = [.. Enumerable.Range(0, 120).Select(i => i % 40 % 4)];
        SplitParts parts = s_split.Together(units, labels);
        AssertApart(parts, units);
        Assert.Equal((12, 24), (parts.Validation.Length, parts.Test.Length));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void Groups_of_any_size_stay_together_and_fill_their_shares(long seed)
    {
        // Sizes 1 to 20.
        int[] keys = [.. Enumerable.Range(1, 20).SelectMany(size => Enumerable.Repeat(size, size))];
        int[] units = Split.Units(keys.Length, [.. keys.Select(k => (object?)k)]);
        SplitParts parts = (s_split with { Seed = seed }).Grouped(units);
        AssertApart(parts, units);
        Assert.InRange(parts.Test.Length, 0.1 * keys.Length, 0.3 * keys.Length);
        Assert.NotEmpty(parts.Validation);
        SplitParts two = s_split.Grouped([0, 0, 2, 2]);
        Assert.NotEmpty(two.Training);
    }

    [Fact]
    public void By_time_equal_times_stay_together()
    {
        double[] times = [.. Enumerable.Range(0, 100).Select(i => (double)(i * 37 % 100 / 8))];
        SplitParts parts = s_split.ByTime(times);
        Assert.Equal(Enumerable.Range(0, 100), All(parts));
        Assert.True(parts.Training.Max(i => times[i]) < parts.Validation.Min(i => times[i]));
        Assert.True(parts.Validation.Max(i => times[i]) < parts.Test.Min(i => times[i]));
    }

    [Fact]
    public void Every_example_is_tested_in_one_fold_in_its_class_s_share()
    {
        int[] labels = [.. Enumerable.Range(0, 103).Select(i => i % 10 == 0 ? 1 : 0)], units = [.. Enumerable.Range(0, 103)];
        SplitParts[] folds = [.. Enumerable.Range(0, 5).Select(f => s_split.Fold(5, f, units, labels))];
        Assert.Equal(Enumerable.Range(0, 103), folds.SelectMany(f => f.Test).Order());
        foreach (SplitParts fold in folds)
        {
            AssertApart(fold, units);
            Assert.InRange(fold.Test.Length, 20, 21);
            Assert.InRange(fold.Test.Count(i => labels[i] == 1), 2, 3);
            Assert.NotEmpty(fold.Validation);
        }
        int[] pairs = [.. Enumerable.Range(0, 60).Select(i => i / 2 * 2)];
        AssertApart(s_split.Fold(3, 1, pairs, []), pairs);
        Assert.Throws<ArgumentOutOfRangeException>(() => s_split.Fold(3, 3, pairs, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_split.Fold(1, 0, pairs, []));
    }
}
