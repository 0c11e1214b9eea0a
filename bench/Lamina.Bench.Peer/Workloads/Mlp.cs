using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>784-512-256-10 relu, cross-entropy, Adam.</summary>
static class Mlp
{
    public static Work Train(Given given)
    {
        Func<Tensor> forward = Network(given);
        Tensor y = given.Plain("targets");
        return new Training(given, () => cross_entropy(forward(), y), parameters => optim.Adam(parameters, 0.001));
    }

    public static Work Predict(Given given) => new Inference(given, Network(given));

    static Func<Tensor> Network(Given given)
    {
        Tensor x = given.Plain("inputs");
        (Parameter w0, Parameter? b0) = given.Linear("hidden.0");
        (Parameter w1, Parameter? b1) = given.Linear("hidden.1");
        (Parameter w2, Parameter? b2) = given.Linear("output");
        return () => linear(linear(linear(x, w0, b0).relu_(), w1, b1).relu_(), w2, b2);
    }
}
