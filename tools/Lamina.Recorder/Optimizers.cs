using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>
/// Optimisers on a problem whose gradient has a formula: f(w) = Σ ½ c (w − t)² + 0.1 cos 3w, so g = c (w − t) − 0.3 sin 3w.
/// And the two ways to clip gradients.
/// </summary>
static class Optimizers
{
    const int Length = 7, Steps = 100;
    static readonly int[] Shown = [1, 2, 3, 10, 50, Steps];

    public static void Record(Recorder recorder)
    {
        Sgd(File("sgd"));
        Adam(File("adam"));
        AdamW(File("adamw"));
        RmsProp(File("rmsprop"));
        Adagrad(File("adagrad"));
        Adadelta(File("adadelta"));
        NAdam(File("nadam"));
        RAdam(File("radam"));
        ClipByNorm(recorder.Add("optimizers", new RecordedFile("op", "clip_by_global_norm")));
        ClipByValue(recorder.Add("optimizers", new RecordedFile("op", "clip_by_value")));

        RecordedFile File(string name) => recorder.Add("optimizers",
            new RecordedFile("optimizer", name) { Source = $"TorchSharp's optimizer over {RecordedFile.LibtorchVersion}" });
    }

    static void Sgd(RecordedFile file)
    {
        Add("plain", 0.05);
        Add("momentum", 0.02, momentum: 0.9);
        Add("dampened", 0.05, momentum: 0.9, dampening: 0.5);
        Add("nesterov", 0.02, momentum: 0.9, nesterov: true);
        Add("weight_decay", 0.05, weightDecay: 0.1);
        Add("everything", 0.02, momentum: 0.8, weightDecay: 0.01, nesterov: true);

        void Add(string name, double learningRate, double momentum = 0, double dampening = 0, double weightDecay = 0, bool nesterov = false) =>
            Run(file, name, new { learningRate, momentum, dampening, weightDecay, nesterov },
                w => optim.SGD([w], learningRate, momentum, dampening, weightDecay, nesterov));
    }

    static void Adam(RecordedFile file)
    {
        Add("default", 0.001);
        Add("quick", 0.1);
        Add("weight_decay", 0.05, weightDecay: 0.1);
        Add("other_betas", 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-3);
        Add("amsgrad", 0.1, beta2: 0.9, amsgrad: true);

        void Add(string name, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool amsgrad = false) =>
            Run(file, name, new { learningRate, beta1, beta2, epsilon, weightDecay, amsgrad },
                w => optim.Adam([w], learningRate, beta1, beta2, epsilon, weightDecay, amsgrad));
    }

    static void AdamW(RecordedFile file)
    {
        Add("default", 0.001, weightDecay: 0.01);
        Add("quick", 0.1, weightDecay: 0.1);
        Add("other_betas", 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.05);

        void Add(string name, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0) =>
            Run(file, name, new { learningRate, beta1, beta2, epsilon, weightDecay },
                w => optim.AdamW([w], learningRate, beta1, beta2, epsilon, weightDecay));
    }

    static void RmsProp(RecordedFile file)
    {
        Add("default", 0.01);
        Add("momentum", 0.01, momentum: 0.9);
        Add("centered", 0.01, alpha: 0.9, epsilon: 1e-2, centered: true);
        Add("weight_decay", 0.02, epsilon: 1e-3, weightDecay: 0.1);
        Add("everything", 0.005, alpha: 0.95, weightDecay: 0.01, momentum: 0.5, centered: true);

        void Add(string name, double learningRate, double alpha = 0.99, double epsilon = 1e-8, double weightDecay = 0, double momentum = 0, bool centered = false) =>
            Run(file, name, new { learningRate, alpha, epsilon, weightDecay, momentum, centered },
                w => optim.RMSProp([w], learningRate, alpha, epsilon, weightDecay, momentum, centered));
    }

    static void Adagrad(RecordedFile file)
    {
        Add("default", 0.01);
        Add("quick", 0.5, rateDecay: 0.05);
        Add("weight_decay", 0.2, weightDecay: 0.1, initial: 0.1, epsilon: 1e-3);

        void Add(string name, double learningRate, double rateDecay = 0, double weightDecay = 0, double initial = 0, double epsilon = 1e-10) =>
            Run(file, name, new { learningRate, rateDecay, weightDecay, initial, epsilon },
                w => optim.Adagrad([w], learningRate, rateDecay, weightDecay, initial, epsilon));
    }

    static void Adadelta(RecordedFile file)
    {
        Add("default", 1);
        Add("other_rho", 0.5, rho: 0.8, epsilon: 1e-4);
        Add("weight_decay", 1, rho: 0.95, epsilon: 1e-4, weightDecay: 0.1);

        void Add(string name, double learningRate, double rho = 0.9, double epsilon = 1e-6, double weightDecay = 0) =>
            Run(file, name, new { learningRate, rho, epsilon, weightDecay }, w => optim.Adadelta([w], learningRate, rho, epsilon, weightDecay));
    }

    static void NAdam(RecordedFile file)
    {
        Add("default", 0.002);
        Add("quick", 0.05, momentumDecay: 0.02);
        Add("other_betas", 0.05, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.05);

        void Add(string name, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0,
            double momentumDecay = 4e-3) =>
            Run(file, name, new { learningRate, beta1, beta2, epsilon, weightDecay, momentumDecay },
                w => optim.NAdam([w], learningRate, beta1, beta2, epsilon, weightDecay, momentumDecay));
    }

    /// <summary>At a rate of 1 alone: TorchSharp multiplies a rectified step by the rate twice.</summary>
    static void RAdam(RecordedFile file)
    {
        Add("default", 0.9, 0.999, 1e-8);
        Add("other_betas", 0.8, 0.95, 1e-3, weightDecay: 0.05);
        Add("never_rectified", 0.5, 0.6, 1e-8);

        void Add(string name, double beta1, double beta2, double epsilon, double weightDecay = 0) =>
            Run(file, name, new { learningRate = 1.0, beta1, beta2, epsilon, weightDecay },
                w => optim.RAdam([w], 1, beta1, beta2, epsilon, weightDecay));
    }

    static void Run(RecordedFile file, string name, object options, Func<Parameter, optim.Optimizer> create)
    {
        Tensor c = file.Draw.Uniform(0.25, 3, Length), t = file.Draw.Normal(Length), w0 = file.Draw.Normal(Length);
        Parameter w = nn.Parameter(w0.clone());
        using optim.Optimizer optimizer = create(w);
        var steps = new List<object>();
        for (int step = 1; step <= Steps; step++)
        {
            optimizer.zero_grad();
            (0.5 * c * (w - t).square() + 0.1 * cos(3 * w)).sum().backward();
            optimizer.step();
            if (Shown.Contains(step))
                steps.Add(new { step, w = TensorValues.Of(w) });
        }
        file.AddCase(new
        {
            name,
            options,
            problem = new { c = TensorValues.Of(c), t = TensorValues.Of(t), w0 = TensorValues.Of(w0) },
            steps,
        });
    }

    /// <summary>torch divides by (norm + 1e-6).</summary>
    static void ClipByNorm(RecordedFile file)
    {
        Add("above", 1, file.Draw.Normal(3, 4), file.Draw.Normal(5));
        Add("below", 100, file.Draw.Normal(3, 4), file.Draw.Normal(5));
        Add("tiny", 1e-3, file.Draw.Normal(7));
        Add("zero", 1, zeros(3, float64), zeros(2, 2, float64));

        void Add(string name, double maxNorm, params Tensor[] gradients)
        {
            Parameter[] parameters = WithGradients(gradients);
            double norm = nn.utils.clip_grad_norm_(parameters, maxNorm);
            AddClipped(file, name, new { maxNorm }, gradients, parameters, norm);
        }
    }

    static void ClipByValue(RecordedFile file)
    {
        Add("basic", 0.5, file.Draw.Normal(3, 4), file.Draw.Normal(5));
        Add("at_the_limit", 1, tensor([-2.0, -1, -0.0, 0, 1, 2]));

        void Add(string name, double limit, params Tensor[] gradients)
        {
            Parameter[] parameters = WithGradients(gradients);
            nn.utils.clip_grad_value_(parameters, limit);
            AddClipped(file, name, new { limit }, gradients, parameters, norm: null);
        }
    }

    /// <summary>Parameters whose gradients are the given ones: the gradient of Σ g w.</summary>
    static Parameter[] WithGradients(Tensor[] gradients) => [.. gradients.Select(g =>
    {
        Parameter parameter = nn.Parameter(zeros_like(g));
        (parameter * g).sum().backward();
        return parameter;
    })];

    static void AddClipped(RecordedFile file, string name, object attributes, Tensor[] gradients, Parameter[] parameters, double? norm) =>
        file.AddCase(new
        {
            name,
            attributes,
            inputs = TensorValues.OfAll(gradients),
            outputs = TensorValues.OfAll(parameters.Select(p => p.grad!)),
            norm,
        });
}
