using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Losses;

/// <summary>Losses beyond the first five: their formulas in double precision, gradients by central differences, extreme values, weights.</summary>
public class FurtherLossTests
{
    private static Tensor Wave(Shape shape, double by = 1, double from = 0) =>
        Tensor.Create<double>(shape, x => { for (int i = 0; i < x.Length; i++) x[i] = by * Math.Sin(1.7 * i + from); });

    private static readonly Tensor s_labels = Tensor.From(0L, 2, 1, 1, 0);
    private static readonly Tensor s_yesNo = Tensor.From(1.0, 0, 1, 1, 0);

    public static TheoryData<string> Names => ["kl", "focal", "focal 0.5", "focal labels", "cosine", "cosine pairs", "quantile", "quantiles",
        "poisson", "gaussian", "contrastive", "triplets", "triplets in batch", "ntxent", "ctc"];

    private static (Loss Loss, Tensor Prediction, Tensor Target) Example(string name) => name switch
    {
        "kl" => (new KlDivergence(), Wave((5, 3)), Wave((5, 3), from: 1).Softmax()),
        "focal" => (new FocalLoss(2, alpha: 0.25), Wave((5, 2), 3), Tensor.From([1.0, 0, 0, 1, 0.5, 0, 1, 1, 0, 0.25], (5, 2))),
        "focal 0.5" => (new FocalLoss(0.5), Wave((5, 1), 3), s_yesNo.Unsqueeze(1)),
        "focal labels" => (new FocalLoss(1.5, classWeights: [1, 2, 0.5]), Wave((5, 3), 2), s_labels),
        "cosine" => (new CosineSimilarity(), Wave((5, 4)), Wave((5, 4), from: 2)),
        "cosine pairs" => (new CosineSimilarity(-0.5), Wave((5, 2, 4)), s_yesNo),
        "quantile" => (new QuantileLoss(0.3), Wave((5, 2)), Wave((5, 2), from: 2)),
        "quantiles" => (new QuantileLoss(0.1, 0.5, 0.9), Wave((5, 2, 3)), Wave((5, 2), from: 2)),
        "poisson" => (new PoissonLoss(full: true), Wave((5, 2)), Tensor.From([0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9], (5, 2))),
        "gaussian" => (new GaussianLikelihood(full: true), Wave((5, 2, 2)), Wave((5, 2), from: 2)),
        "contrastive" => (new ContrastiveLoss(3), Wave((5, 2, 4)), s_yesNo),
        "triplets" => (new TripletLoss(1), Wave((5, 3, 4)), s_yesNo),
        "triplets in batch" => (new TripletLoss(1), Wave((5, 4)), s_labels),
        "ntxent" => (new NtXent(0.3), Wave((5, 2, 4)), s_yesNo),
        _ => (new CtcLoss(), Wave((5, 6, 4)), Tensor.From([1L, 2, 3, 2, 2, -1, -1, -1, -1, 3, 1, -1, 1, 1, 1], (5, 3))),
    };

    // What each loss is of one example of the batch above, by its formula.
    private static double Expected(string name)
    {
        (_, Tensor prediction, Tensor target) = Example(name);
        double[] p = prediction.ToArray<double>(), t = target.Cast(DType.Float64).ToArray<double>();
        double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        double[] Row(int from, int count) => p[from..(from + count)];
        double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
        double Cosine(double[] x, double[] y) => Dot(x, y) / Math.Sqrt(Dot(x, x) * Dot(y, y));
        double Distance(double[] x, double[] y) => Math.Sqrt(x.Zip(y, (a, b) => (a - b) * (a - b)).Sum());
        double[] Soft(double[] x) => [.. x.Select(e => Math.Exp(e) / x.Sum(Math.Exp))];
        double Focal(double q, double gamma) => -Math.Pow(1 - q, gamma) * Math.Log(q);
        IEnumerable<int> five = Enumerable.Range(0, 5), ten = Enumerable.Range(0, 10);
        return name switch
        {
            "kl" => five.Average(i => Soft(Row(3 * i, 3)).Select((q, k) => t[3 * i + k] * Math.Log(t[3 * i + k] / q)).Sum()),
            // Of soft targets (1 − p)ᵞ is by the mean of both sides, as in torchvision's.
            "focal" => ten.Average(i =>
            {
                double q = Sigmoid(p[i]), right = q * t[i] + (1 - q) * (1 - t[i]), cross = -t[i] * Math.Log(q) - (1 - t[i]) * Math.Log(1 - q);
                return (0.25 * t[i] + 0.75 * (1 - t[i])) * (1 - right) * (1 - right) * cross;
            }),
            "focal 0.5" => five.Average(i => Focal(t[i] > 0 ? Sigmoid(p[i]) : 1 - Sigmoid(p[i]), 0.5)),
            "focal labels" => five.Average(i => new[] { 1, 2, 0.5 }[(int)t[i]] * Focal(Soft(Row(3 * i, 3))[(int)t[i]], 1.5)),
            "cosine" => five.Average(i => 1 - Cosine(Row(4 * i, 4), t[(4 * i)..(4 * i + 4)])),
            "cosine pairs" => five.Average(i =>
            {
                double cosine = Cosine(Row(8 * i, 4), Row(8 * i + 4, 4));
                return t[i] > 0 ? 1 - cosine : Math.Max(0, cosine + 0.5);
            }),
            "quantile" => ten.Average(i => (t[i] - p[i]) * (t[i] > p[i] ? 0.3 : -0.7)),
            "quantiles" => Enumerable.Range(0, 30).Average(i => (t[i / 3] - p[i]) * (new[] { 0.1, 0.5, 0.9 }[i % 3] - (t[i / 3] > p[i] ? 0 : 1))),
            "poisson" => ten.Average(i => Math.Exp(p[i]) - t[i] * p[i]
                + (t[i] > 1 ? t[i] * Math.Log(t[i]) - t[i] + 0.5 * Math.Log(2 * Math.PI * t[i]) : 0)),
            "gaussian" => ten.Average(i => 0.5 * (p[2 * i + 1] + Math.Pow(t[i] - p[2 * i], 2) / Math.Exp(p[2 * i + 1]) + Math.Log(2 * Math.PI))),
            "contrastive" => five.Average(i =>
            {
                double distance = Distance(Row(8 * i, 4), Row(8 * i + 4, 4));
                return 0.5 * Math.Pow(t[i] > 0 ? distance : Math.Max(0, 3 - distance), 2);
            }),
            "triplets" => five.Average(i => Math.Max(0, Distance(Row(12 * i, 4), Row(12 * i + 4, 4)) - Distance(Row(12 * i, 4), Row(12 * i + 8, 4)) + 1)),
            // The second example is the only one of its label: it is nobody's positive and no anchor.
            "triplets in batch" => five.Where(i => i != 1).Average(i => Math.Max(0, 1 +
                five.Where(k => k != i && t[k] == t[i]).Max(k => Distance(Row(4 * i, 4), Row(4 * k, 4))) -
                five.Where(k => t[k] != t[i]).Min(k => Distance(Row(4 * i, 4), Row(4 * k, 4))))),
            "ntxent" => ten.Average(i => Math.Log(ten.Where(k => k != i).Sum(k => Math.Exp(Cosine(Row(4 * i, 4), Row(4 * k, 4)) / 0.3)))
                - Cosine(Row(4 * i, 4), Row(4 * (i ^ 1), 4)) / 0.3),
            _ => five.Average(i => -Math.Log(Paths(Enumerable.Range(0, 6).Select(s => Soft(Row(24 * i + 4 * s, 4))).ToArray(),
                [.. t[(3 * i)..(3 * i + 3)].Where(l => l >= 0).Select(l => (int)l)]))),
        };
    }

    /// <summary>The probability of labels by going through every path: 4⁶ of them.</summary>
    private static double Paths(double[][] steps, int[] labels)
    {
        double total = 0;
        int classes = steps[0].Length;
        for (int path = 0; path < (int)Math.Pow(classes, steps.Length); path++)
        {
            int rest = path, before = 0;
            double probability = 1;
            List<int> found = [];
            foreach (double[] step in steps)
            {
                int label = rest % classes;
                rest /= classes;
                probability *= step[label];
                if (label != before && label != 0) found.Add(label);
                before = label;
            }
            if (found.SequenceEqual(labels)) total += probability;
        }
        return total;
    }

    private static Tensor Single(Tensor target) => target.DType == DType.Float64 ? target.Cast(DType.Float32) : target;

    [Theory]
    [MemberData(nameof(Names))]
    public void TheLossIsThatOfTheFormula(string name)
    {
        (Loss loss, Tensor prediction, Tensor target) = Example(name);
        Assert.Equal(Expected(name), loss.Compute(prediction, target).Item(), 1e-12);
        Assert.Equal(Expected(name), loss.Compute(prediction.Cast(DType.Float32), Single(target)).Item(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsAreCentralDifferences(string name)
    {
        (Loss loss, Tensor prediction, Tensor target) = Example(name);
        Tensor tracked = prediction.Track();
        double[] gradient = Gradient.Of(loss.Compute(tracked, target), [tracked])[0].ToArray<double>(), values = prediction.ToArray<double>();
        const double step = 1e-6;
        for (int i = 0; i < values.Length; i++)
        {
            double At(double x)
            {
                double[] moved = [.. values];
                moved[i] = x;
                return loss.Compute(Tensor.From(moved, prediction.Shape), target).Item();
            }
            Assert.Equal((At(values[i] + step) - At(values[i] - step)) / (2 * step), gradient[i], 1e-7);
        }
    }

    // Weights of 1 change nothing, one of 0 is as if the example weren't there, and none at all is 0 with no gradients.
    [Theory]
    [MemberData(nameof(Names))]
    public void ExamplesHaveWeights(string name)
    {
        (Loss loss, Tensor prediction, Tensor target) = Example(name);
        Assert.Equal(loss.Compute(prediction, target).Item(), loss.Measure(prediction, target, Tensor.Ones([5])).Mean.Item(), 1e-12);
        if (name is not ("triplets in batch" or "ntxent"))
            Assert.Equal(loss.Compute(prediction[1..], target[1..]).Item(),
                loss.Measure(prediction, target, Tensor.From(0f, 1, 1, 1, 1)).Mean.Item(), 1e-12);
        Tensor tracked = prediction.Track();
        LossValue none = loss.Measure(tracked, target, Tensor.Zeros([5]));
        Assert.Equal((0.0, 0.0), (none.Mean.Item(), none.Weight!.Item()));
        Assert.All(Gradient.Of(none.Mean, [tracked])[0].ToArray<double>(), g => Assert.Equal(0, g));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ABatchOfOneIsLikeAnyOther(string name)
    {
        (Loss loss, Tensor prediction, Tensor target) = Example(name);
        double one = loss.Compute(prediction[0..1], target[0..1]).Item();
        if (name is "triplets in batch" or "ntxent") Assert.Equal(0, one);
        else Assert.Equal(Enumerable.Range(0, 5).Average(i => loss.Compute(prediction[i..(i + 1)], target[i..(i + 1)]).Item()),
            loss.Compute(prediction, target).Item(), 1e-12);
    }

    // In single precision: of ±1e38 nothing becomes NaN, and gradients are finite where the loss is; equal values and zeros have gradients too.
    [Theory]
    [MemberData(nameof(Names))]
    public void ExtremeValuesGiveNoNaN(string name)
    {
        foreach (double[] pattern in (double[][])[[1e38, -1e38], [1e36, -1e36], [0], [-1e38], [1e38], [1e-38, 0], [1e-45], [1e-20, -1e-30]])
        {
            (Loss loss, Tensor example, Tensor target) = Example(name);
            Tensor prediction = Tensor.Create<float>(example.Shape, x =>
            {
                for (int i = 0; i < x.Length; i++) x[i] = (float)pattern[i % pattern.Length];
            }).Track();
            Tensor value = loss.Compute(prediction, Single(target));
            Assert.False(double.IsNaN(value.Item()), $"{name} of {pattern[0]}: {value.Item()}");
            // The sum over a batch may leave the range, and of large rates and squares each does, as those of the mean squared error do.
            double from = name is "poisson" or "contrastive" or "gaussian" ? 1 : 1e37;
            if (!double.IsFinite(value.Item())) Assert.True(Math.Abs(pattern[0]) > from, $"{name} of {pattern[0]}: {value.Item()}");
            else Assert.All(Gradient.Of(value, [prediction])[0].ToArray<float>(),
                g => Assert.True(float.IsFinite(g), $"{name} of {pattern[0]}: gradient {g}"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NaNIsPassedOn(string name)
    {
        (Loss loss, Tensor prediction, Tensor target) = Example(name);
        Assert.True(double.IsNaN(loss.Compute(Tensor.Full(prediction.Shape, double.NaN, DType.Float64), target).Item()), "prediction");
        if (target.DType == DType.Float64 && name is not ("triplets" or "ntxent"))
            Assert.True(double.IsNaN(loss.Compute(prediction, Tensor.Full(target.Shape, double.NaN, DType.Float64)).Item()), "target");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void APlanGivesTheSameBitsAndAllocatesNothing(string name)
    {
        (Loss loss, Tensor prediction, Tensor target) = Example(name);
        var plan = new Plan(x =>
        {
            Tensor tracked = x[0].Track(), value = loss.Compute(tracked, x[1]);
            return [value, Gradient.Of(value, [tracked])[0]];
        });
        Tensor[] inputs = [prediction, target];
        Tensor leaf = prediction.Track(), eager = loss.Compute(leaf, target);
        for (int i = 0; i < 50; i++) plan.Run(inputs.AsSpan());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) plan.Run(inputs.AsSpan());
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Lamina.Tensors.Tensors results = plan.Run(inputs.AsSpan());
        Assert.Equal(eager.Item(), results[0].Item(), 1e-14);
        Assert.Equal(Gradient.Of(eager, [leaf])[0].ToArray<double>(), results[1].ToArray<double>(), (a, b) => Math.Abs(a - b) < 1e-14);
    }

    [Fact]
    public void WithoutFocusItIsCrossEntropy()
    {
        Tensor x = Wave((5, 3), 4);
        Assert.Equal(new CrossEntropy().Compute(x, s_labels).Item(), new FocalLoss(0).Compute(x, s_labels).Item());
        Assert.Equal(new BinaryCrossEntropy().Compute(x, x.Sigmoid()).Item(), new FocalLoss(0).Compute(x, x.Sigmoid()).Item());
    }

    // 1 − p of a confident answer is e⁻ˣ to its last digits, not 0.
    [Fact]
    public void AConfidentAnswerKeepsItsDigits()
    {
        double wrong = Math.Exp(-20) / (1 + Math.Exp(-20));
        Assert.Equal(1, new FocalLoss(1).Compute(Tensor.From([20f], (1, 1)), Tensor.From([1f], (1, 1))).Item() / (wrong * wrong), 1e-5);
        Assert.Equal(1, new FocalLoss(1).Compute(Tensor.From([0.0, 20], (1, 2)), Tensor.From(1L)).Item() / (wrong * wrong), 1e-5);
    }

    [Fact]
    public void ASmallVarianceCountsAsTheLeastButMayGrow()
    {
        Tensor prediction = Tensor.From([0.0, -1e38], (1, 2)).Track();
        Tensor loss = new GaussianLikelihood(leastVariance: 0.25).Compute(prediction, Tensor.From(3.0));
        Assert.Equal(0.5 * (Math.Log(0.25) + 9 / 0.25), loss.Item(), 1e-12);
        // ½ (1 − d²/v) at the least variance, as libtorch has it.
        Assert.Equal(0.5 * (1 - 36), Gradient.Of(loss, [prediction])[0].Element(1), 1e-12);
    }

    [Fact]
    public void LabelsThatNeedMoreStepsCostInfinityAndHaveNoGradient()
    {
        Tensor logits = Wave((2, 3, 3)).Track(), labels = Tensor.From([1L, 1, 1, -1], (2, 2));
        Assert.True(double.IsFinite(new CtcLoss().Compute(logits, labels).Item())); // two equal ones need three
        Tensor lengths = Tensor.From(2L, 3), loss = new CtcLoss().Compute(logits, labels, lengths);
        Assert.Equal(double.PositiveInfinity, loss.Item());
        Tensor ignored = new CtcLoss(ignoreImpossible: true).Compute(logits, labels, lengths);
        Assert.Equal(new CtcLoss().Compute(logits[1..], labels[1..]).Item() / 2, ignored.Item(), 1e-12);
        float[] gradient = Gradient.Of(ignored, [logits])[0].Cast(DType.Float32).ToArray<float>();
        Assert.All(gradient[..9], g => Assert.Equal(0, g));
        Assert.Contains(gradient[9..], g => g != 0);
        Assert.All(Gradient.Of(loss, [logits])[0].ToArray<double>()[..9], g => Assert.Equal(0, g));
    }

    [Fact]
    public void LengthsOfZeroAndTargetsOfNothing()
    {
        Tensor logits = Wave((2, 4, 3));
        Tensor nothing = Tensor.Zeros((2, 0), DType.Int64);
        double blanks = -Enumerable.Range(0, 4).Sum(s => logits[0..1].LogSoftmax().Element(3 * s));
        Assert.Equal(blanks, new CtcLoss().Compute(logits[0..1], nothing[0..1]).Item(), 1e-12);
        Assert.Equal(0, new CtcLoss().Compute(logits, nothing, Tensor.From(0L, 0)).Item());
        Assert.Equal(double.PositiveInfinity, new CtcLoss().Compute(logits[0..1], Tensor.From([1L], (1, 1)), Tensor.From(0L)).Item());
    }

    [Fact]
    public void ShapesThatDontFitAreRefused()
    {
        void Refused(string part, Loss loss, Tensor prediction, Tensor target) =>
            Assert.Contains(part, Assert.Throws<TensorException>(() => loss.Compute(prediction, target)).Message);
        Refused("must be equal", new KlDivergence(), Tensor.Ones((4, 3)), Tensor.Ones([4]));
        Refused("softmax already", new KlDivergence(), Tensor.Ones((4, 3)).Track().Softmax(), Tensor.Ones((4, 3)));
        Refused("must be equal", new FocalLoss(), Tensor.Ones((4, 1)), Tensor.Ones([4]));
        Refused("FocalLoss(2): prediction and target both have shape (4, 3)", new FocalLoss(), Tensor.Ones((4, 3)), Tensor.Zeros((4, 3), DType.Int64));
        Refused("2 class weights", new FocalLoss(classWeights: [1, 1]), Tensor.Ones((4, 3)), Tensor.Zeros([4], DType.Int64));
        Refused("alpha is for yes-or-no", new FocalLoss(alpha: 0.5), Tensor.Ones((4, 3)), Tensor.Zeros([4], DType.Int64));
        Refused("must be equal", new CosineSimilarity(), Tensor.Ones((4, 3)), Tensor.Ones((4, 1)));
        Refused("must be equal", new QuantileLoss(0.5), Tensor.Ones((4, 1)), Tensor.Ones([4]));
        Refused("2 quantiles as last axis", new QuantileLoss(0.1, 0.9), Tensor.Ones((4, 3)), Tensor.Ones([4]));
        Refused("Squeeze(-1) on the target", new QuantileLoss(0.1, 0.9), Tensor.Ones((4, 2)), Tensor.Ones((4, 1)));
        Refused("must be equal", new PoissonLoss(), Tensor.Ones((4, 1)), Tensor.Ones([4]));
        Refused("mean and log-variance", new GaussianLikelihood(), Tensor.Ones((4, 1)), Tensor.Ones([4]));
        Refused("(batch, 2, features)", new ContrastiveLoss(), Tensor.Ones((4, 3)), Tensor.Ones([4]));
        Refused("one number for each example", new ContrastiveLoss(), Tensor.Ones((4, 2, 3)), Tensor.Ones([3]));
        Refused("(batch, 3, features)", new TripletLoss(), Tensor.Ones((4, 2, 3)), Tensor.Ones([4]));
        Refused("labels are whole numbers", new TripletLoss(), Tensor.Ones((4, 3)), Tensor.Ones([4]));
        Refused("(batch, steps, classes)", new CtcLoss(), Tensor.Ones((4, 3)), Tensor.Ones((4, 3), DType.Int64));
        Refused("labels are whole numbers", new CtcLoss(), Tensor.Ones((4, 3, 3)), Tensor.Ones((4, 3)));
        Refused("the blank is class 3", new CtcLoss(3), Tensor.Ones((4, 3, 3)), Tensor.Ones((4, 3), DType.Int64));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FocalLoss(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FocalLoss(alpha: 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantileLoss(0.5, 1));
        Assert.Throws<ArgumentException>(() => new QuantileLoss());
        Assert.Throws<ArgumentOutOfRangeException>(() => new GaussianLikelihood(leastVariance: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContrastiveLoss(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TripletLoss(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NtXent(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSimilarity(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CtcLoss(-1));
    }

    // A network with one output for each quantile of noise finds them: the share of targets below is the quantile.
    [Fact]
    public void QuantilesAreFound()
    {
        Tensor x = Tensor.Ones((500, 1)), y = Tensor.Create<float>([500], v => { for (int i = 0; i < v.Length; i++) v[i] = (i * 7919 % 500) / 500f; });
        var network = new Sequential(new Linear(3));
        new Trainer(network, new QuantileLoss(0.1, 0.5, 0.9), new Adam(0.02), new TrainerOptions { Epochs = 60 })
            .Fit(new DataLoader(new TensorDataset(x, y), new BatchOptions { Size = 50 }));
        float[] found = network.Forward(x[0..1]).ToArray<float>();
        Assert.Equal([0.1, 0.5, 0.9], found.Select(f => (double)f), (a, b) => Math.Abs(a - b) < 0.06);
    }
}
