using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>784-512-256-10 relu, or of other sizes, cross-entropy, Adam.</summary>
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
        var hidden = new List<(Parameter Weight, Parameter? Bias)>();
        while (given.Has($"hidden.{hidden.Count}.weight")) hidden.Add(given.Linear($"hidden.{hidden.Count}"));
        (Parameter w, Parameter? b) = given.Linear("output");
        return () =>
        {
            Tensor h = x;
            foreach ((Parameter weight, Parameter? bias) in hidden) h = linear(h, weight, bias).relu_();
            return linear(h, w, b);
        };
    }
}
