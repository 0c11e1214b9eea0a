using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>Work that memory bounds.</summary>
static class Maps
{
    public static Work Softmax(Given given)
    {
        Tensor x = given.Plain("x");
        return new Inference(given, () => softmax(x, -1));
    }

    public static Work LayerNorm(Given given)
    {
        Tensor x = given.Plain("x"), gamma = given.Plain("gamma"), beta = given.Plain("beta");
        return new Inference(given, () => layer_norm(x, [x.shape[^1]], gamma, beta, 1e-5));
    }

    public static Work Gelu(Given given)
    {
        Tensor x = given.Plain("x");
        return new Inference(given, () => gelu(x));
    }

    /// <summary>In place from the second op on, as one who minds memory would write it.</summary>
    public static Work Chain(Given given)
    {
        Tensor x = given.Plain("x");
        return new Inference(given, () => (x * 0.5f).add_(1f).tanh_().mul_(x).sub_(0.25f).abs_().add_(1f).sqrt_().sub_(1f).relu_());
    }

    /// <summary>The optimiser's step alone, the gradient given.</summary>
    public static Work AdamStep(Given given)
    {
        Parameter w = given.Parameter("w");
        w.grad = given.Plain("g");
        optim.Optimizer optimizer = optim.Adam([w], 0.001);
        return new Update(given, () => optimizer.step(), () => w.to(float64).square().mean().item<double>());
    }
}
