using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Objectives;

public class MixedExamplesTests
{
    private const int Count = 6, Side = 8, Classes = 3;

    // Every value of an image is its number, so that a mixture tells whose it is made of.
    private static readonly Batch s_batch = new(
        Tensor.Create<float>([Count, Side, Side, 2], x => { for (int i = 0; i < x.Length; i++) x[i] = i / (Side * Side * 2); }),
        Tensor.From([0, 1, 2, 2, 1, 0]));

    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    [InlineData(8)]
    public void MixupAddsUpInputsAndLossesByTheSameShare(double alpha)
    {
        foreach (long step in (long[])[0, 1, 2, 3])
        {
            (float[] mixed, ObjectiveResult result, Tensor logits) = Mix(alpha, 0, step);
            (int[] other, double share) = Recover(mixed, Side * Side * 2);
            for (int i = 0; i < Count; i++)
                for (int j = 0; j < Side * Side * 2; j++)
                    Assert.Equal(share * i + (1 - share) * other[i], mixed[i * Side * Side * 2 + j], 1e-5);
            AssertLoss(result, logits, other, share);
        }
    }

    [Fact]
    public void CutmixPastesABoxAndMixesLossesByItsArea()
    {
        var areas = new HashSet<double>();
        for (long step = 0; step < 12; step++)
        {
            (float[] mixed, ObjectiveResult result, Tensor logits) = Mix(0, 1, step);
            // The same box for all: where any image isn't its own.
            bool[] pasted = [.. Enumerable.Range(0, Side * Side).Select(p => Enumerable.Range(0, Count).Any(i => mixed[(i * Side * Side + p) * 2] != i))];
            int[] rows = [.. Enumerable.Range(0, Side).Where(y => Enumerable.Range(0, Side).Any(x => pasted[y * Side + x]))];
            int[] columns = [.. Enumerable.Range(0, Side).Where(x => Enumerable.Range(0, Side).Any(y => pasted[y * Side + x]))];
            Assert.Equal(pasted.Count(p => p), rows.Length * columns.Length);
            if (rows.Length > 0) Assert.Equal((rows.Length, columns.Length), (rows[^1] - rows[0] + 1, columns[^1] - columns[0] + 1));
            int at = Array.IndexOf(pasted, true);
            int[] other = at < 0 ? [.. Enumerable.Range(0, Count)] : [.. Enumerable.Range(0, Count).Select(i => (int)mixed[(i * Side * Side + at) * 2])];
            Assert.Equal(Enumerable.Range(0, Count), other.Order());
            double share = 1 - pasted.Count(p => p) / (double)(Side * Side);
            AssertLoss(result, logits, other, share);
            areas.Add(share);
        }
        Assert.True(areas.Count > 4);
    }

    [Fact]
    public void BothTakeTurns()
    {
        int blends = 0, boxes = 0;
        for (long step = 0; step < 20; step++)
        {
            (float[] mixed, _, _) = Mix(1, 1, step);
            if (mixed.Any(v => v != MathF.Floor(v))) blends++;
            else boxes++;
        }
        Assert.InRange(blends, 4, 16);
        Assert.InRange(boxes, 4, 16);
    }

    [Fact]
    public void WeightsOfExamplesGoWithThem()
    {
        Tensor weights = Tensor.From(1f, 2f, 3f, 4f, 5f, 6f);
        (float[] mixed, ObjectiveResult result, Tensor logits) = Mix(1, 0, 5, weights);
        (int[] other, double share) = Recover(mixed, Side * Side * 2);
        Tensor pairs = Tensor.From(other), labels = s_batch.Target;
        var loss = new CrossEntropy();
        LossValue own = loss.Measure(logits, labels, weights), second = loss.Measure(logits, labels.Rows(pairs), weights.Rows(pairs));
        Assert.Equal(21, result.Weight!.Item(), 1e-5);
        Assert.Equal(share * own.Mean.Item() + (1 - share) * second.Mean.Item(), result.Loss.Item(), 1e-5);
        Assert.Equal(result.Loss.Item() * 21, result.Sum!.Item(), 1e-4);
    }

    [Fact]
    public void SharesHaveTheBetaDistribution()
    {
        // The variance of Beta(α, α) is 1 / (4 (2 α + 1)).
        foreach (double alpha in (double[])[0.1, 0.5, 1, 2, 20])
        {
            float[] table = BetaQuantiles.Table(alpha, 4096);
            Assert.Equal((0f, 0.5f, 1f), (table[0], table[2048], table[4096]));
            double mean = 0, square = 0;
            for (int i = 0; i < 4096; i++)
            {
                Assert.True(table[i] <= table[i + 1]);
                double middle = (table[i] + table[i + 1]) / 2.0;
                (mean, square) = (mean + middle / 4096, square + (middle - 0.5) * (middle - 0.5) / 4096);
            }
            Assert.Equal(0.5, mean, 1e-6);
            Assert.Equal(1 / (4 * (2 * alpha + 1)), square, 2e-4);
        }
        // Beta(1, 1) is even, Beta(2, 2) has the distribution function 3 x² − 2 x³, Beta(½, ½) 2/π · asin √x.
        float[] even = BetaQuantiles.Table(1, 10), two = BetaQuantiles.Table(2, 10), half = BetaQuantiles.Table(0.5, 10);
        for (int i = 0; i <= 10; i++)
        {
            Assert.Equal(i / 10.0, even[i], 1e-6);
            Assert.Equal(i / 10.0, 3 * Math.Pow(two[i], 2) - 2 * Math.Pow(two[i], 3), 1e-6);
            Assert.Equal(i / 10.0, 2 / Math.PI * Math.Asin(Math.Sqrt(half[i])), 1e-6);
        }
        foreach (float value in BetaQuantiles.Table(1000, 64)) Assert.InRange(value, 0f, 1f);
    }

    [Fact]
    public void EvaluationMixesNothing()
    {
        var network = Seen(out _);
        ObjectiveResult mixed = new MixedExamples(network, new CrossEntropy(), 1, 1).Compute(s_batch, Pass.Evaluation);
        ObjectiveResult plain = new Supervised(network, new CrossEntropy()).Compute(s_batch, Pass.Evaluation);
        Assert.Equal(plain.Loss.Item(), mixed.Loss.Item());
        Assert.Equal(plain.Predictions[0].ToArray<float>(), mixed.Predictions[0].ToArray<float>());
    }

    [Fact]
    public void StepsDependOnSeedAndNumberAloneAndAllocateNothing()
    {
        (byte[] straight, _) = Train(0, 6);
        (byte[] first, Network network) = Train(0, 3);
        Assert.NotEqual(straight, first);
        Assert.Equal(straight, Train(3, 6, network).Weights);

        var step = new TrainStep(new MixedExamples(Seen(out _), new CrossEntropy(), 0.4, 1), new Sgd(0.1));
        for (int i = 0; i < 3; i++) step.Run(s_batch, i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 3; i < 10; i++) step.Run(s_batch, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void WhatCannotBeMixedIsRefused()
    {
        Network network = Seen(out _);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixedExamples(network, new CrossEntropy()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixedExamples(network, new CrossEntropy(), mixup: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixedExamples(network, new CrossEntropy(), cutmix: double.NaN));
        var rows = new Batch(Tensor.Ones((4, 3)), Tensor.From(0, 1, 0, 1));
        Assert.Contains("cutmix takes images", Assert.Throws<TensorException>(() =>
            new MixedExamples(new Linear(2), new CrossEntropy(), cutmix: 1).Compute(rows, Pass.Training(1, 1))).Message);
        var tokens = new Batch(Tensor.Ones((4, 3), DType.Int32), Tensor.From(0, 1, 0, 1));
        Assert.Contains("only float32", Assert.Throws<TensorException>(() =>
            new MixedExamples(new Embedding(4, 2), new CrossEntropy(), mixup: 1).Compute(tokens, Pass.Training(1, 1))).Message);
    }

    private static Layer Seen(out Listening listening)
    {
        listening = new Listening();
        var network = new Sequential(listening, new Conv2d(4, 3), new GlobalAveragePool(), new Linear(Classes));
        network.Build(new Shape(Side, Side, 2));
        network.Initialize(3);
        return network;
    }

    private static (float[] Mixed, ObjectiveResult Result, Tensor Logits) Mix(double mixup, double cutmix, long step, Tensor? weights = null)
    {
        Layer network = Seen(out Listening listening);
        Batch batch = weights is null ? s_batch : new Batch(Tensors.Tensors.Create([s_batch.Input]), Tensors.Tensors.Create([s_batch.Target]), weights);
        ObjectiveResult result = new MixedExamples(network, new CrossEntropy(), mixup, cutmix).Compute(batch, Pass.Training(9, step));
        return (listening.Heard!.ToArray<float>(), result, result.Predictions[0]);
    }

    // Whom each image was mixed with, and by which share: the shares of all are the same, the partners an order of them.
    private static (int[] Other, double Share) Recover(float[] mixed, int size)
    {
        float[] values = [.. Enumerable.Range(0, Count).Select(i => mixed[i * size])];
        int[][] orders = [.. Orders(Count)];
        foreach (int[] order in orders)
        {
            int moved = Array.FindIndex(order, i => order[i] != i);
            if (moved < 0) continue;
            double share = (values[moved] - order[moved]) / (moved - (double)order[moved]);
            if (share is >= 0 and <= 1 && Enumerable.Range(0, Count).All(i => Math.Abs(share * i + (1 - share) * order[i] - values[i]) < 1e-4)) return (order, share);
        }
        throw new InvalidOperationException("no order and share explain the mixture");
    }

    private static IEnumerable<int[]> Orders(int count) => count == 0 ? [[]]
        : Orders(count - 1).SelectMany(o => Enumerable.Range(0, count).Select(at => (int[])[.. o[..at], count - 1, .. o[at..]]));

    // Against the loss with class probabilities as targets.
    private static void AssertLoss(ObjectiveResult result, Tensor logits, int[] other, double share)
    {
        int[] labels = s_batch.Target.ToArray<int>();
        var targets = new float[Count * Classes];
        for (int i = 0; i < Count; i++)
        {
            targets[i * Classes + labels[i]] += (float)share;
            targets[i * Classes + labels[other[i]]] += (float)(1 - share);
        }
        Assert.Equal(new CrossEntropy().Compute(logits, Tensor.From(targets, [Count, Classes])).Item(), result.Loss.Item(), 1e-5);
    }

    private static (byte[] Weights, Network Network) Train(int from, int to, Network? network = null)
    {
        network ??= Seen(out _);
        var step = new TrainStep(new MixedExamples(network, new CrossEntropy(), 0.4, 1), new Sgd(0.1), new StepOptions { Seed = 4 });
        for (int i = from; i < to; i++) step.Run(s_batch, i);
        return ([.. network.Variables.SelectMany(v => v.Variable.Value.ReadBytes().ToArray())], network);
    }
}

/// <summary>Keeps what it was given.</summary>
internal sealed partial class Listening : Layer
{
    public Tensor? Heard { get; private set; }

    protected override Tensor Compute(Tensor x, Pass pass) => Heard = x;
}
