using Lamina.Learning.Data;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Diffusion;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>What denoising and flow matching show a network and want of it, against their definitions.</summary>
public partial class ObjectiveTests
{
    private const int Count = 40, Side = 4;

    private static readonly Tensor s_images = Tensor.Create<float>([Count, Side, Side, 1], x => { for (int i = 0; i < x.Length; i++) x[i] = (float)Math.Sin(i); });
    private static readonly Tensor s_classes = Tensor.From([.. Enumerable.Range(0, Count).Select(i => i % 3)]);

    [Theory]
    [InlineData(DenoisingTarget.Noise)]
    [InlineData(DenoisingTarget.Velocity)]
    public void DenoisingMixesImagesAndNoiseAsAfterAStep(DenoisingTarget target)
    {
        var schedule = new CosineNoise(100);
        foreach (Pass pass in (Pass[])[Pass.Training(4, 2), Pass.Evaluation])
        {
            // The same key draws the same: once the network says what it is shown, once its time.
            ObjectiveResult Run(int shown) => new Denoising(new Mirror(shown), schedule, target).Compute(new Batch([s_images, s_classes], []), Again(pass));
            (float[] noisy, float[] wanted, double loss) = (Run(0).Predictions[0].ToArray<float>(), Run(0).Predictions[1].ToArray<float>(), Run(0).Loss.Item());
            float[] times = Run(1).Predictions[0].ToArray<float>(), x = s_images.ToArray<float>();
            var noise = new double[noisy.Length];
            for (int i = 0; i < noisy.Length; i++)
            {
                int step = (int)Math.Round(times[i] * 100);
                Assert.InRange(step, 1, 100);
                double alpha = schedule.Alpha[step], sigma = schedule.Sigma[step];
                noise[i] = (noisy[i] - alpha * x[i]) / sigma;
                Assert.Equal(target == DenoisingTarget.Noise ? noise[i] : alpha * noise[i] - sigma * x[i], wanted[i], 2e-4 / sigma);
            }
            AssertStandard(noise);
            Assert.Equal(noisy.Zip(wanted).Average(p => (p.First - p.Second) * (double)(p.First - p.Second)), loss, 1e-4);
        }
    }

    [Fact]
    public void AFlowGoesStraightFromImagesToNoise()
    {
        foreach (Pass pass in (Pass[])[Pass.Training(4, 2), Pass.Evaluation])
        {
            ObjectiveResult Run(int shown) => new FlowMatching(new Mirror(shown)).Compute(new Batch([s_images, s_classes], []), Again(pass));
            float[] noisy = Run(0).Predictions[0].ToArray<float>(), way = Run(0).Predictions[1].ToArray<float>(), times = Run(1).Predictions[0].ToArray<float>(), x = s_images.ToArray<float>();
            for (int i = 0; i < noisy.Length; i++) Assert.Equal(x[i] + times[i] * way[i], noisy[i], 1e-5);
            AssertStandard([.. way.Zip(x).Select(p => (double)p.First + p.Second)]);
        }
    }

    [Fact]
    public void TimesAreSpreadEvenlyOverABatch()
    {
        float[] times = new FlowMatching(new Mirror(1)).Compute(new Batch([s_images, s_classes], []), Pass.Training(1, 1)).Predictions[0].ToArray<float>();
        float[] each = [.. times.Where((_, i) => i % (Side * Side) == 0)];
        for (int i = 0; i < Count; i++) Assert.InRange(each[i], i / (float)Count, (i + 1) / (float)Count);
    }

    [Fact]
    public void AClassIsKeptBackNowAndThenInTrainingAlone()
    {
        float[] Classes(Pass pass) => [.. new FlowMatching(new Mirror(2), dropClasses: 0.3).Compute(new Batch([s_images, s_classes], []), pass)
            .Predictions[0].ToArray<float>().Where((_, i) => i % (Side * Side) == 0)];
        Assert.Equal(s_classes.ToArray<int>().Select(c => (float)c), Classes(Pass.Evaluation));
        int dropped = 0;
        for (int step = 0; step < 20; step++)
        {
            float[] told = Classes(Pass.Training(1, step));
            for (int i = 0; i < Count; i++) Assert.True(told[i] == 3 || told[i] == i % 3);
            dropped += told.Count(c => c == 3);
        }
        Assert.InRange(dropped / (20.0 * Count), 0.25, 0.35);
    }

    [Fact]
    public void EvaluationMeasuresTheSameNoiseEachTimeAndTrainingDrawsAnew()
    {
        var objective = new FlowMatching(new Mirror(0));
        var batch = new Batch([s_images, s_classes], []);
        double Loss(Pass pass) => objective.Compute(batch, pass).Loss.Item();
        Assert.Equal(Loss(Pass.Evaluation), Loss(Pass.Evaluation));
        Assert.NotEqual(Loss(Pass.Training(1, 1)), Loss(Pass.Training(1, 2)));
        Assert.NotEqual(Loss(Pass.Training(1, 1)), Loss(Pass.Training(2, 1)));
        Assert.Equal(Loss(Pass.Training(1, 1)), Loss(Pass.Training(1, 1)));
    }

    [Fact]
    public void ARecordedStepDrawsAsOneByHand()
    {
        var batch = new Batch([s_images, s_classes], []);
        double Recorded(long step)
        {
            var network = new Mirror(0);
            return new TrainStep(new FlowMatching(network), new Sgd(0), new StepOptions { Seed = 9 }).Run(batch, step, 0).Loss.Item();
        }

        foreach (long step in (long[])[0, 1, 7])
            Assert.Equal(new FlowMatching(new Mirror(0)).Compute(batch, Pass.Training(9, step)).Loss.Item(), Recorded(step), 1e-6);
    }

    [Fact]
    public void BatchesThatDoNotFitAreNamed()
    {
        Assert.Contains("1 inputs", Assert.Throws<TensorException>(() => new FlowMatching(new Mirror(0)).Compute(new Batch(s_images, []), Pass.Evaluation)).Message);
        Assert.Contains("(batch, 4, 4, 1)", Assert.Throws<TensorException>(() => new FlowMatching(new Mirror(0)).Compute(new Batch([s_images[.., ..3], s_classes], []), Pass.Evaluation)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FlowMatching(new Mirror(0), dropClasses: 1));
        Assert.Contains("isn't an IDenoiser", Assert.Throws<ArgumentException>(() => new Denoising(new Lamina.Learning.Layers.Linear(2))).Message);
    }

    private static Pass Again(Pass pass) => pass.IsTraining ? Pass.Training(pass.Key) : pass;

    private static void AssertStandard(double[] noise)
    {
        double mean = noise.Average();
        Assert.InRange(mean, -0.15, 0.15);
        Assert.InRange(noise.Average(n => (n - mean) * (n - mean)), 0.8, 1.2);
    }

    /// <summary>Says what it is shown: the noisy image, its time or its class at each pixel.</summary>
    private sealed partial class Mirror(int shown) : Network, IDenoiser
    {
        public Parameter Scale { get; } = new(Constant.One, [1]);

        public override IReadOnlyList<string> InputNames => ["image", "time", "class"];

        public override IReadOnlyList<string> OutputNames => ["said"];

        public Shape Image => [Side, Side, 1];

        public int Classes => 3;

        protected override Tensors Compute(Tensors inputs, Pass pass) => Scale.Value *
            (shown == 0 ? inputs[0] : inputs[shown].Cast(DType.Float32).Reshape(inputs[0].Shape[0], 1, 1, 1).BroadcastTo(inputs[0].Shape));
    }
}
