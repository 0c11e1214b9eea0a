using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;
using Xunit;

namespace Lamina.Learning.Tests.Data;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Pairs of sequences, what is learned from them, and the padding between.</summary>
public partial class SequencePairDatasetTests
{
    private static int[] Tokens(int length, int first = 3) => [.. Enumerable.Range(0, length).Select(i => first + i % 7)];

    [Fact]
    public void A_pair_is_padded_begun_and_ended()
    {
        var set = new SequencePairDataset([[5, 6], [7]], [[8], [9, 10, 11]]);
        Batch batch = set.Take([0, 1]);
        Assert.Equal(new Shape(2, 4), batch.Inputs[0].Shape);
        Assert.Equal([5, 6, 2, 0, 7, 2, 0, 0], batch.Inputs[0].ToArray<int>());
        Assert.Equal([1, 8, 0, 0, 1, 9, 10, 11], batch.Inputs[1].ToArray<int>());
        Assert.Equal([8, 2, 0, 0, 9, 10, 11, 2], batch.Targets[0].ToArray<int>());
        Assert.Equal([0, 1], batch.Targets[1].ToArray<int>());
        Assert.Equal([3, 4], set.Lengths);
    }

    [Fact]
    public void Buckets_need_the_least_padding()
    {
        // Two lengths that are frequent, and a long tail: an equal cut would pad the frequent ones.
        int[] lengths = [.. Enumerable.Repeat(4, 100), .. Enumerable.Repeat(9, 100), 12, 20, 21, 30, 31, 32, 60];
        var set = new SequencePairDataset([.. lengths.Select(l => Tokens(l))], [.. lengths.Select(_ => Tokens(1))]);
        Assert.Equal([5, 10, 13, 22, 33, 61], set.Buckets);
        var loader = new DataLoader(set, BatchOptions.Evaluation with { Size = 50 });
        Assert.Equal(set.Buckets, loader.Buckets);
        Assert.Equal(lengths.Length, loader.Epoch(0).Sum(b => b.Count));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Contains("no pairs", Assert.Throws<TensorException>(() => new SequencePairDataset([], [])).Message);
        Assert.Contains("1 sources and 2 targets", Assert.Throws<TensorException>(() => new SequencePairDataset([[3]], [[3], [4]])).Message);
        Assert.Contains("2 is no token", Assert.Throws<TensorException>(() => new SequencePairDataset([[3, 2]], [[3]])).Message);
    }

    [Fact]
    public void Padding_costs_nothing_and_smoothing_is_of_training_alone()
    {
        var short1 = new SequencePairDataset([[5, 6]], [[8]]);
        var both = new SequencePairDataset([[5, 6], [7]], [[8], [9, 10, 11]]);
        var network = new Shortest();
        network.Build(both.Inputs);
        network.Initialize(3);
        var objective = new SequenceToSequence(network, 0.2);
        double Loss(SequencePairDataset set, int[] pairs, bool isTraining) =>
            objective.Compute(set.Take(pairs), isTraining ? Pass.Training(1, 1) : Pass.Evaluation).Loss.Item();
        double one = Loss(short1, [0], false), other = Loss(both, [1], false), all = Loss(both, [0, 1], false);
        // Two tokens of the first and four of the second.
        Assert.Equal((2 * one + 4 * other) / 6, all, 1e-5);
        Assert.Equal(6, objective.Compute(both.Take([0, 1]), Pass.Evaluation).Weight!.Item());
        Tensor logits = network.Forward(short1.Take([0]).Inputs)[0].LogSoftmax();
        double plain = -(logits.Element(8) + logits.Element(12 + 2)) / 2, even = -Enumerable.Range(0, 24).Average(i => logits.Element(i));
        Assert.Equal(plain, one, 1e-5);
        Assert.Equal(0.8 * plain + 0.2 * even, Loss(short1, [0], true), 1e-5);
    }

    [Fact]
    public void The_vector_of_padding_is_nothing_and_learns_nothing()
    {
        var layer = new Embedding(5, 3, padding: 2);
        layer.Initialize(1);
        Tensor y = layer.Forward(Tensor.From([1, 2, 4]), Pass.Training(1, 1));
        Assert.Equal([0, 0, 0], y.ToArray<float>()[3..6]);
        Assert.DoesNotContain(0f, y.ToArray<float>()[..3]);
        Tensor gradient = Gradient.Of(y.Sum(), [layer.Weight])[layer.Weight];
        Assert.Equal([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1], gradient.ToArray<float>());
        Assert.Equal("Embedding(5, 3, padding 2)", layer.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(5, 3, padding: 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(5, 3, padding: -1));
    }

    // Sees only the token before.
    private sealed partial class Shortest : Network
    {
        public Embedding Tokens { get; } = new(12, 12);

        public override IReadOnlyList<string> InputNames => ["source", "target"];

        public override IReadOnlyList<string> OutputNames => ["logits"];

        protected override Tensors Compute(Tensors inputs, Pass pass) => Tokens.Forward(inputs[1], pass);
    }
}
