using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>CIFAR-10's ResNet-20 with batch norm, shortcuts by 1×1 convolutions; SGD with momentum.</summary>
static class ResNet20
{
    public static Work Train(Given given)
    {
        Func<Tensor> forward = Network(given, training: true);
        Tensor y = given.Plain("targets");
        return new Training(given, () => cross_entropy(forward(), y), parameters => optim.SGD(parameters, 0.01, momentum: 0.9));
    }

    public static Work Predict(Given given) => new Inference(given, Network(given, training: false));

    static Func<Tensor> Network(Given given, bool training)
    {
        Tensor x = given.Images("inputs");
        Func<Tensor, Tensor> stem = Convolution(given, "stem", 0, 3, 1, training);
        var blocks = new List<Func<Tensor, Tensor>>();
        for (int stage = 0; stage < 3; stage++)
            for (int block = 0; block < 3; block++)
                blocks.Add(Block(given, $"blocks.{blocks.Count}", stage > 0 && block == 0 ? 2 : 1, training));
        (Parameter w, Parameter? b) = given.Linear("head");
        return () =>
        {
            Tensor h = stem(x).relu_();
            foreach (Func<Tensor, Tensor> block in blocks) h = block(h);
            return linear(h.mean([2, 3]), w, b);
        };
    }

    static Func<Tensor, Tensor> Block(Given given, string name, int stride, bool training)
    {
        Func<Tensor, Tensor> first = Convolution(given, name + ".body", 0, 3, stride, training), second = Convolution(given, name + ".body", 3, 3, 1, training);
        Func<Tensor, Tensor>? shortcut = stride == 1 ? null : Convolution(given, name + ".shortcut", 0, 1, stride, training);
        return x => second(first(x).relu_()).add_(shortcut is null ? x : shortcut(x)).relu_();
    }

    /// <summary>Convolution and batch norm, which are layers number <paramref name="at"/> and the next of a sequence.</summary>
    static Func<Tensor, Tensor> Convolution(Given given, string name, int at, int kernel, int stride, bool training)
    {
        (Parameter w, _) = given.Conv2d($"{name}.{at}");
        string norm = $"{name}.{at + 1}";
        Parameter scale = given.Parameter(norm + ".weight"), shift = given.Parameter(norm + ".bias");
        Tensor mean = given.Plain(norm + ".runningMean"), variance = given.Plain(norm + ".runningVariance");
        long padding = kernel / 2;
        return x => batch_norm(conv2d(x, w, strides: [stride, stride], padding: [padding, padding]), mean, variance, scale, shift, training, 0.1, 1e-5);
    }
}
