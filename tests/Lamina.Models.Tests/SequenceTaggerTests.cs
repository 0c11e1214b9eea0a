using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models.Tests;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A network that labels positions: shapes, padding, and what it refuses.</summary>
public sealed class SequenceTaggerTests
{
    private static SequenceTagger Network(int members = 2) =>
        new(new SequenceTaggerOptions { Labels = 3, Vocabulary = 6, Width = 4, Hidden = 8, Window = 5, SecondWindow = 3, Members = members });

    private static Tensor Symbols(params int[] symbols) => Tensor.From(symbols, [1, symbols.Length, 1]);

    [Fact]
    public void Gives_logits_of_each_position_and_of_each_member()
    {
        SequenceTagger network = Network();
        Assert.Equal([1, 4, 3], network.Forward(Symbols(2, 3, 4, 5)).Shape.Span.ToArray());
        Assert.Equal([1, 2, 4, 3], network.Members(Tensors.Create([Symbols(2, 3, 4, 5)]), Pass.Evaluation).Shape.Span.ToArray());
    }

    [Fact]
    public void What_is_behind_the_end_changes_nothing()
    {
        SequenceTagger network = Network();
        float[] alone = network.Forward(Symbols(2, 3, 4)).ToArray<float>(), padded = network.Forward(Symbols(2, 3, 4, 0, 0, 0, 0)).ToArray<float>();
        for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], padded[i], 1e-5);
    }

    [Fact]
    public void A_position_sees_as_far_as_both_windows_reach()
    {
        SequenceTagger network = Network();
        int[] symbols = [2, 3, 4, 5, 2, 3, 4, 5, 2], other = [.. symbols];
        other[8] = 3;
        float[] a = network.Forward(Symbols(symbols)).ToArray<float>(), b = network.Forward(Symbols(other)).ToArray<float>();
        // Windows of 5 and 3 reach 3 positions.
        Assert.Equal(a[..(5 * 3)], b[..(5 * 3)]);
        Assert.NotEqual(a[(5 * 3)..(6 * 3)], b[(5 * 3)..(6 * 3)]);
    }

    [Fact]
    public void Options_out_of_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceTagger(new() { Labels = 1, Vocabulary = 6 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceTagger(new() { Labels = 2, Vocabulary = 6, Window = 4 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceTagger(new() { Labels = 2, Vocabulary = 6, SecondWindow = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceTagger(new() { Labels = 2, Vocabulary = 6, Members = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceTagger(new() { Labels = 2, Vocabulary = 6, Dropout = 1 }));
    }
}
