using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>LeNet-5 with ReLU and max-pooling: conv 6 5×5 same, pool, conv 16 5×5, pool, 400-120-84-10; Adam.</summary>
static class LeNet5
{
    public static Work Train(Given given)
    {
        Tensor x = given.Images("inputs"), y = given.Plain("targets");
        (Parameter c0, Parameter? b0) = given.Conv2d("0");
        (Parameter c1, Parameter? b1) = given.Conv2d("3");
        (Parameter w2, Parameter? b2) = given.LinearAfterImage("7", 5, 5);
        (Parameter w3, Parameter? b3) = given.Linear("9");
        (Parameter w4, Parameter? b4) = given.Linear("11");
        return new Training(given, () =>
        {
            Tensor h = max_pool2d(conv2d(x, c0, b0, padding: [2, 2]).relu_(), 2);
            h = max_pool2d(conv2d(h, c1, b1).relu_(), 2).flatten(1);
            return cross_entropy(linear(linear(linear(h, w2, b2).relu_(), w3, b3).relu_(), w4, b4), y);
        }, parameters => optim.Adam(parameters, 0.001));
    }
}
