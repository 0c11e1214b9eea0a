using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>conv 1→32 3×3, relu, conv 32→64 3×3, relu, pool 2, 9216-128-10; Adam.</summary>
static class Cnn
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
        Tensor x = given.Images("inputs");
        (Parameter c0, Parameter? b0) = given.Conv2d("0");
        (Parameter c1, Parameter? b1) = given.Conv2d("2");
        (Parameter w2, Parameter? b2) = given.LinearAfterImage("6", 12, 12);
        (Parameter w3, Parameter? b3) = given.Linear("8");
        return () =>
        {
            Tensor h = conv2d(conv2d(x, c0, b0).relu_(), c1, b1).relu_();
            return linear(linear(max_pool2d(h, 2).flatten(1), w2, b2).relu_(), w3, b3);
        };
    }
}
