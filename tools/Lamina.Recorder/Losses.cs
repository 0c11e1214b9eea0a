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
        Probabilities(recorder.Loss("cross_entropy_of_probabilities"));
        Pair(recorder.Loss("mse"), new { }, (x, y) => mse_loss(x, y));
        Pair(recorder.Loss("mae"), new { }, (x, y) => l1_loss(x, y));
        OpRecording huber = recorder.Loss("huber");
        foreach (double delta in new[] { 1, 0.25 })
            Pair(huber, new { delta }, (x, y) => huber_loss(x, y, delta), $"delta_{delta}_");
        BinaryCrossEntropy(recorder.Loss("binary_cross_entropy_with_logits"));
        KlDivergence(recorder.Loss("kl_divergence"));
        Cosine(recorder.Loss("cosine_embedding"));
        Poisson(recorder.Loss("poisson"));
        Gaussian(recorder.Loss("gaussian"));
        Triplet(recorder.Loss("triplet_margin"));
        Ctc(recorder.Loss("ctc"));
    }

    static void KlDivergence(OpRecording op)
    {
        Add("basic", op.Draw.Normal(5, 4), op.Draw.Normal(5, 4).softmax(-1));
        Add("zeros_in_the_target", op.Draw.Normal(3, 3), tensor([1.0, 0, 0, 0.5, 0.5, 0, 0.25, 0, 0.75], 3, 3));
        Add("extremes", tensor([50.0, -50, 0, 1000, 0, -1000], 2, 3), tensor([0.5, 0.25, 0.25, 0, 1, 0], 2, 3));

        void Add(string name, Tensor logits, Tensor target) =>
            op.Add(name, null,
                x => kl_div(x[0].log_softmax(-1), x[1].detach(), log_target: false, reduction: Reduction.Sum) / x[0].shape[0], logits, target);
    }

    // Both vectors of a pair in one prediction: (batch, 2, features).
    static void Cosine(OpRecording op)
    {
        foreach (double margin in new[] { 0, 0.3 })
            op.Add($"margin_{margin}", new { margin }, x => cosine_embedding_loss(x[0].select(1, 0), x[0].select(1, 1), x[1].detach(), margin),
                op.Draw.Normal(7, 2, 5), op.Draw.Booleans(7).to(float64) * 2 - 1);
    }

    static void Poisson(OpRecording op)
    {
        Add("basic", op.Draw.Normal(4, 3), op.Draw.Integers(0, 6, 4, 3).to(float64));
        Add("large", tensor([5.0, -20, 0, 3]), tensor([150.0, 0, 0, 25]));

        void Add(string name, Tensor logRate, Tensor target) => op.Add(name, new { full = false },
            x => poisson_nll_loss(x[0], x[1].detach(), log_input: true, full: false), logRate, target);
    }

    // Mean and logarithm of the variance in one prediction: (batch, features, 2). PyTorch's formula: TorchSharp has no gradient by the variance.
    static void Gaussian(OpRecording op)
    {
        foreach (bool full in new[] { false, true })
            op.Add(full ? "full" : "basic", new { full }, x =>
            {
                Tensor variance = x[0].select(2, 1).exp(), losses = 0.5 * (variance.log() + (x[0].select(2, 0) - x[1].detach()).square() / variance);
                return (full ? losses + 0.5 * Math.Log(2 * Math.PI) : losses).mean();
            }, op.Draw.Normal(5, 3, 2), op.Draw.Normal(5, 3));
    }

    // Anchor, positive and negative in one prediction: (batch, 3, features).
    static void Triplet(OpRecording op)
    {
        foreach (double margin in new[] { 1, 0.25 })
            op.Add($"margin_{margin}", new { margin },
                x => triplet_margin_loss(x[0].select(1, 0), x[0].select(1, 1), x[0].select(1, 2), margin), op.Draw.Normal(7, 3, 5));
    }

    // Logits (batch, steps, classes), labels (batch, longest) padded by −1, lengths (batch) of the inputs. One loss for each sequence.
    static void Ctc(OpRecording op)
    {
        Add("basic", 0, op.Draw.Normal(3, 6, 4), tensor([1L, 2, 3, 2, -1, -1, 1, 1, -1], 3, 3), tensor([6L, 4, 5]));
        Add("repeats", 0, op.Draw.Normal(2, 7, 3), tensor([1L, 1, 1, 2, 2, 1], 2, 3), tensor([7L, 5]));
        Add("another_blank", 2, op.Draw.Normal(2, 5, 3), tensor([0L, 1, 1, -1], 2, 2), tensor([5L, 3]));
        Add("empty_target", 0, op.Draw.Normal(2, 4, 3), tensor([-1L, -1, 2, -1], 2, 2), tensor([4L, 4]));
        Add("one_step", 0, op.Draw.Normal(1, 1, 3), tensor([2L], 1, 1), tensor([1L]));
        Add("long", 0, op.Draw.Normal(2, 40, 6), op.Draw.Integers(1, 6, 2, 12), tensor([40L, 35]));
        Add("confident", 0, op.Draw.Normal(2, 8, 4) * 100, tensor([1L, 2, 3, 3], 2, 2), tensor([8L, 8]));

        void Add(string name, int blank, Tensor logits, Tensor labels, Tensor lengths) => op.Add(name, new { blank },
            x => ctc_loss(x[0].log_softmax(-1).transpose(0, 1), x[1].clamp_min(0), x[2], x[1].ge(0).sum(1), blank, reduction: Reduction.None),
            logits, labels, lengths);
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

    // Probabilities as targets: one-hot, mixed and of any kind.
    static void Probabilities(OpRecording op)
    {
        Add("basic", 0, op.Draw.Normal(5, 4), op.Draw.Normal(5, 4).softmax(-1));
        Add("mixed_labels", 0, op.Draw.Normal(3, 3), tensor([1.0, 0, 0, 0.25, 0.75, 0, 0, 0.5, 0.5], 3, 3));
        Add("smoothed", 0.1, op.Draw.Normal(5, 4), op.Draw.Normal(5, 4).softmax(-1));
        Add("extremes", 0, tensor([50.0, -50, 0, 1000, 0, -1000], 2, 3), tensor([0.5, 0.25, 0.25, 0, 1, 0], 2, 3));
        Add("weighted", 0, op.Draw.Normal(6, 3), op.Draw.Normal(6, 3).softmax(-1), op.Draw.Uniform(0.25, 3, 3));
        Add("weighted_smoothed", 0.1, op.Draw.Normal(6, 3), op.Draw.Normal(6, 3).softmax(-1), op.Draw.Uniform(0.25, 3, 3));

        void Add(string name, double labelSmoothing, params Tensor[] inputs) => op.Add(name, new { labelSmoothing },
            x => cross_entropy(x[0], x[1].detach(), x.Length > 2 ? x[2].detach() : null, reduction: Reduction.Mean, label_smoothing: labelSmoothing), inputs);
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
