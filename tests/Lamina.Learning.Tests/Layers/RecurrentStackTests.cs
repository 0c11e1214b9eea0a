using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Layers;

using Tensors = Lamina.Tensors.Tensors;

public class RecurrentStackTests
{
    private static readonly Tensor s_x = Differences.Values((3, 6, 2)).Cast(DType.Float32);

    public static TheoryData<RecurrentCell, bool> Kinds => new()
    {
        { RecurrentCell.Rnn, false }, { RecurrentCell.Rnn, true }, { RecurrentCell.Lstm, false }, { RecurrentCell.Lstm, true },
        { RecurrentCell.Gru, false }, { RecurrentCell.Gru, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void LengthsAreSequencesByThemselves(RecurrentCell cell, bool bidirectional)
    {
        var stack = new RecurrentStack(cell, 3, 2, bidirectional);
        long[] lengths = [6, 1, 4];
        // What is behind the end may be anything.
        Tensor step = Tensor.From([0L, 1, 2, 3, 4, 5], (1, 6, 1));
        Tensor x = Tensor.Where(step < Tensor.From(lengths).Reshape(3, 1, 1), s_x, float.NaN);
        RecurrentState first = State(stack, 3);
        RecurrentResult all = stack.Run(x, Tensor.From(lengths), first);
        for (int i = 0; i < 3; i++)
        {
            int length = (int)lengths[i];
            RecurrentResult alone = stack.Run(s_x[i..(i + 1), ..length], state: Of(first, i));
            Close(alone.States, all.States[i..(i + 1), ..length]);
            Assert.All(all.States[i..(i + 1), length..].ToArray<float>(), v => Assert.Equal(0, v));
            Close(alone.Last, all.Last[i..(i + 1)]);
            Close(alone.State.Hidden, all.State.Hidden[.., i..(i + 1)]);
            if (cell == RecurrentCell.Lstm) Close(alone.State.Cell!, all.State.Cell![.., i..(i + 1)]);
        }
        int directions = bidirectional ? 2 : 1;
        Assert.Equal(new Shape(3, 6, 3 * directions), all.States.Shape);
        Assert.Equal(new Shape(3, 3 * directions), all.Last.Shape);
        Assert.Equal(new Shape(2 * directions, 3, 3), all.State.Hidden.Shape);
        Close(stack.Run(x, Tensor.From(6, 1, 4), first).States, all.States);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void GradientsAreThoseOfDifferences(RecurrentCell cell, bool bidirectional)
    {
        RecurrentStack stack = Differences.InDouble(() => new RecurrentStack(cell, 2, 2, bidirectional), [4, 3]);
        Tensor lengths = Tensor.From(4L, 2, 0), x = Differences.Values((3, 4, 3));
        Shape states = (stack.Parts.Count, 3, 2);
        var first = new RecurrentState(Differences.Values(states, 0.3), cell == RecurrentCell.Lstm ? Differences.Values(states, 0.6) : null);
        Differences.Match(stack, x, v => Everything(stack.Run(v, lengths, first)), $"{stack}");
        Differences.Match(stack, x, v => Everything(stack.Run(v)), $"{stack} without lengths");
        // By the state that it begins with.
        Differences.Match(new Relu(), first.Hidden, h => Everything(stack.Run(x, lengths, first with { Hidden = h })), $"{stack}, first states");
        if (first.Cell is { } c) Differences.Match(new Relu(), c, v => Everything(stack.Run(x, lengths, first with { Cell = v })), $"{stack}, first cells");

        static Tensor Everything(RecurrentResult r) => Tensor.Concat(
            [r.States.Reshape(-1), r.Last.Reshape(-1), r.State.Hidden.Reshape(-1), .. r.State.Cell is { } c ? [c.Reshape(-1)] : (Tensor[])[]]);
    }

    [Theory]
    [InlineData(RecurrentCell.Rnn)]
    [InlineData(RecurrentCell.Lstm)]
    [InlineData(RecurrentCell.Gru)]
    public void APartGoesOnWhereTheOneBeforeEnded(RecurrentCell cell)
    {
        var stack = new RecurrentStack(cell, 4, 3);
        RecurrentResult whole = stack.Run(s_x), first = stack.Run(s_x[.., ..2]), second = stack.Run(s_x[.., 2..], state: first.State.Keep());
        Close(whole.States, Tensor.Concat([first.States, second.States], 1));
        Close(whole.State.Hidden, second.State.Hidden);
        Close(whole.Last, second.Last);
        Close(whole.States, stack.Forward(s_x));
        // One layer is the layer itself.
        var single = new RecurrentStack(cell, 4);
        Close(single.Forward(s_x), single.Parts[0].Forward(s_x));
        Assert.Equal($"RecurrentStack({cell}, 4, 3 layers)", stack.ToString());
    }

    [Fact]
    public void ASequenceWithoutStepsKeepsItsState()
    {
        var stack = new RecurrentStack(RecurrentCell.Lstm, 3, bidirectional: true);
        RecurrentState first = State(stack, 3);
        RecurrentResult result = stack.Run(s_x, Tensor.From(0L, 3, 0), first), fresh = stack.Run(s_x, Tensor.From(0L, 3, 0));
        foreach (int i in (int[])[0, 2])
        {
            Close(first.Hidden[.., i..(i + 1)], result.State.Hidden[.., i..(i + 1)]);
            Close(first.Cell![.., i..(i + 1)], result.State.Cell![.., i..(i + 1)]);
            Assert.All(fresh.Last[i..(i + 1)].ToArray<float>(), v => Assert.Equal(0, v));
            Assert.All(fresh.State.Cell![.., i..(i + 1)].ToArray<float>(), v => Assert.Equal(0, v, 1e-30f));
        }
        Assert.Equal(new Shape(0, 6, 6), stack.Run(s_x[..0], Tensor.Zeros([0], DType.Int64)).States.Shape);
    }

    [Fact]
    public void WhatIsBehindTheEndReachesNoGradient()
    {
        foreach (RecurrentCell cell in Enum.GetValues<RecurrentCell>())
        {
            var stack = new RecurrentStack(cell, 3, 2, bidirectional: true);
            Tensor x = Tensor.Concat([s_x[.., ..4], Tensor.Full((3, 2, 2), float.NaN)], 1).Track();
            RecurrentResult result = stack.Run(x, Tensor.From(4L, 2, 4));
            Tensor[] found = Gradient.Of(result.States.Sum() + result.Last.Sum(), [x, .. stack.Parameters.Select(p => p.Value)]);
            Assert.All(found, g => Assert.All(g.ToArray<float>(), v => Assert.True(float.IsFinite(v))));
            Assert.All(found[0][.., 4..].ToArray<float>(), v => Assert.Equal(0, v));
            Assert.All(found[0][1..2, 2..].ToArray<float>(), v => Assert.Equal(0, v));
        }
    }

    [Fact]
    public void DropoutIsBetweenLayersInTrainingOnly()
    {
        RecurrentStack With(int layers, double dropout)
        {
            var stack = new RecurrentStack(RecurrentCell.Gru, 16, layers, dropout: dropout);
            stack.Build([6, 2]);
            stack.Initialize(4);
            return stack;
        }
        RecurrentStack stack = With(2, 0.5), plain = With(2, 0);
        Assert.Equal(plain.Forward(s_x).ToArray<float>(), stack.Forward(s_x).ToArray<float>());
        float[] trained = stack.Forward(s_x, Pass.Training(1, 0)).ToArray<float>();
        Assert.NotEqual(plain.Forward(s_x, Pass.Training(1, 0)).ToArray<float>(), trained);
        Assert.Equal(trained, stack.Forward(s_x, Pass.Training(1, 0)).ToArray<float>());
        Assert.DoesNotContain(0f, trained); // nothing behind the last layer
        Assert.Equal(With(1, 0).Forward(s_x).ToArray<float>(), With(1, 0.5).Forward(s_x, Pass.Training(1, 0)).ToArray<float>());
        Assert.Equal("RecurrentStack(Gru, 16, 2 layers, dropout 0.5)", stack.ToString());
    }

    [Fact]
    public void APlanTakesOtherLengthsEachTime()
    {
        var stack = new RecurrentStack(RecurrentCell.Lstm, 3, 2, bidirectional: true);
        stack.Build([6, 2]);
        var plan = new Plan(inputs =>
        {
            RecurrentResult result = stack.Run(inputs[0], inputs[1]);
            return [result.States, result.Last, result.State.Cell!];
        });
        foreach (long[] lengths in (long[][])[[6, 1, 4], [2, 2, 0], [3, 6, 5]])
        {
            RecurrentResult eager = stack.Run(s_x, Tensor.From(lengths));
            Tensors replayed = plan.Run([s_x, Tensor.From(lengths)]);
            Close(eager.States, replayed[0]);
            Close(eager.Last, replayed[1]);
            Close(eager.State.Cell!, replayed[2]);
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        var stack = new RecurrentStack(RecurrentCell.Gru, 3);
        Says(() => stack.Run(s_x[0]), "the input has shape (6, 2), not (batch, steps, channels)");
        Says(() => stack.Run(s_x[.., ..0]), "has no steps");
        Says(() => stack.Run(s_x, Tensor.From(6L, 7, 1)), "sequence 1 has length 7, the input (3, 6, 2) has 6 steps");
        Says(() => stack.Run(s_x, Tensor.From(6L, -1, 1)), "sequence 1 has length -1");
        Says(() => stack.Run(s_x, Tensor.From(6L, 1)), "the lengths have shape (2); the input (3, 6, 2) has 3 sequences");
        Says(() => stack.Run(s_x, Tensor.Ones((3, 6))), "Sum([1]).Cast(DType.Int64) of a mask");
        Says(() => stack.Run(s_x, Tensor.Ones([3])), "the lengths are float32, not whole numbers");
        Says(() => stack.Run(s_x, state: new(Tensor.Zeros((1, 2, 3)))), "it must be float32 (1, 3, 3)");
        Says(() => stack.Run(s_x, state: new(Tensor.Zeros((1, 3, 3)), Tensor.Zeros((1, 3, 3)))), "has a cell, which only an Lstm begins with");
        var memory = new RecurrentStack(RecurrentCell.Lstm, 3);
        Says(() => memory.Run(s_x, state: new(Tensor.Zeros((1, 3, 3)))), "has no cell, which an Lstm begins with");
        stack.Run(s_x);
        Says(() => stack.Run(Tensor.Ones((3, 6, 5))), "with 5 features, the layer takes 2");
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentStack((RecurrentCell)9, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentStack(RecurrentCell.Rnn, 3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentStack(RecurrentCell.Rnn, 3, dropout: 1));
    }

    private static RecurrentState State(RecurrentStack stack, int batch)
    {
        stack.Forward(s_x);
        Shape shape = (stack.Parts.Count, batch, stack.Hidden);
        return new(Differences.Values(shape, 0.3).Cast(DType.Float32),
            stack.Parts[0] is Lstm ? Differences.Values(shape, 0.6).Cast(DType.Float32) : null);
    }

    private static RecurrentState Of(RecurrentState state, int sequence) => new(state.Hidden[.., sequence..(sequence + 1)], state.Cell?[.., sequence..(sequence + 1)]);

    private static void Close(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.Spec, found.Spec);
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected.Element(i), found.Element(i), 1e-6);
    }

    private static void Says(Action action, string text) => Assert.Contains(text, Assert.Throws<TensorException>(action).Message);
}
