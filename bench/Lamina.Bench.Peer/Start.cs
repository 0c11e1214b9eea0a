using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer;

/// <summary>The first training step of mlp in a fresh process, as somebody would write it; then a line on the standard output.</summary>
static class Start
{
    public static void Run()
    {
        using nn.Module<Tensor, Tensor> model = nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(inplace: true), nn.Linear(512, 256), nn.ReLU(inplace: true), nn.Linear(256, 10));
        using optim.Optimizer optimizer = optim.Adam(model.parameters(), 0.001);
        using Tensor x = randn(128, 784), y = randint(0, 10, [128], dtype: int64);
        using Tensor loss = cross_entropy(model.call(x), y);
        loss.backward();
        optimizer.step();
        Console.WriteLine($"first step: loss {loss.item<float>()}");
    }
}
