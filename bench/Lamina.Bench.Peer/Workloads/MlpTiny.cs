using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>2-16-16-1 tanh, mean squared error, SGD.</summary>
static class MlpTiny
{
    public static Work Train(Given given)
    {
        Tensor x = given.Plain("inputs"), y = given.Plain("targets");
        (Parameter w0, Parameter? b0) = given.Linear("0");
        (Parameter w1, Parameter? b1) = given.Linear("2");
        (Parameter w2, Parameter? b2) = given.Linear("4");
        return new Training(given,
            () => mse_loss(linear(linear(linear(x, w0, b0).tanh_(), w1, b1).tanh_(), w2, b2), y),
            parameters => optim.SGD(parameters, 0.1));
    }
}
