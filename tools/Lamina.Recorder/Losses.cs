using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Recorder;

/// <summary>Losses: cross-entropy row by row as an op, and the losses with the mean taken.</summary>
static class Losses
{
    public static void Record(Recorder recorder)
    {
        CrossEntropy(recorder.Op("cross_entropy"), Reduction.None);
        CrossEntropy(recorder.Loss("cross_entropy"), Reduction.Mean);
        Pair(recorder.Loss("mse"), new { }, (x, y) => mse_loss(x, y));
        Pair(recorder.Loss("mae"), new { }, (x, y) => l1_loss(x, y));
        OpRecording huber = recorder.Loss("huber");
        foreach (double delta in new[] { 1, 0.25 })
            Pair(huber, new { delta }, (x, y) => huber_loss(x, y, delta), $"delta_{delta}_");
        BinaryCrossEntropy(recorder.Loss("binary_cross_entropy_with_logits"));
    }

    static void CrossEntropy(OpRecording op, Reduction reduction)
    {
        Tensor extremes = tensor([50.0, -50, 0, 1000, -1000, 0, 1000, 1000, 999, -1000, -1000, -1001], 4, 3);
        Add("basic", 0, op.Draw.Normal(5, 4), op.Draw.Integers(0, 4, 5));
        Add("smoothed", 0.1, op.Draw.Normal(5, 4), op.Draw.Integers(0, 4, 5));
        Add("odd", 0, op.Draw.Normal(3, 17), op.Draw.Integers(0, 17, 3));
        Add("extremes", 0, extremes, tensor([0L, 1, 2, 0]));
        Add("extremes_smoothed", 0.2, extremes, tensor([0L, 1, 2, 0]));
        Add("weighted", 0, op.Draw.Normal(6, 3), op.Draw.Integers(0, 3, 6), op.Draw.Uniform(0.25, 3, 3));
        Add("weighted_smoothed", 0.1, op.Draw.Normal(6, 3), op.Draw.Integers(0, 3, 6), op.Draw.Uniform(0.25, 3, 3));

        void Add(string name, double labelSmoothing, params Tensor[] inputs) => op.Add(name, new { labelSmoothing },
            x => cross_entropy(x[0], x[1], x.Length > 2 ? x[2].detach() : null, reduction: reduction, label_smoothing: labelSmoothing), inputs);
    }

    static void Pair(OpRecording op, object attributes, Func<Tensor, Tensor, Tensor> loss, string prefix = "")
    {
        Add("basic", op.Draw.Normal(3, 4), op.Draw.Normal(3, 4));
        Add("odd", op.Draw.Normal(7), op.Draw.Normal(7));
        Add("at_the_corners", tensor([0.0, 1, -1, 0.25, -0.25, 1000, -1000]), zeros(7, float64));

        void Add(string name, Tensor prediction, Tensor target) =>
            op.Add(prefix + name, attributes, x => loss(x[0], x[1].detach()), prediction, target);
    }

    static void BinaryCrossEntropy(OpRecording op)
    {
        Add("basic", op.Draw.Normal(4, 3), op.Draw.Booleans(4, 3).to(float64));
        Add("soft_targets", op.Draw.Normal(7), op.Draw.Uniform(0, 1, 7));
        Add("extremes", tensor([50.0, -50, 1000, -1000, 50, -50, 1000, -1000]), tensor([1.0, 0, 1, 0, 0, 1, 0, 1]));

        void Add(string name, Tensor logits, Tensor target) =>
            op.Add(name, null, x => binary_cross_entropy_with_logits(x[0], x[1].detach()), logits, target);
    }
}
