using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>
/// Six residual blocks of two dilated causal convolutions; mean squared error over all steps, Adam. As 1-D convolutions, or,
/// channels last, as 2-D ones of height 1.
/// </summary>
static class Tcn
{
    const int Blocks = 6;

    public static Work Train(Given given)
    {
        bool flat = given.ChannelsLast;
        Tensor x = flat ? given.Images("inputs") : given.Sequences("inputs"), y = given.Plain("targets");
        var blocks = new List<Func<Tensor, Tensor>>();
        for (int i = 0; i < Blocks; i++) blocks.Add(Block(given, $"blocks.{i}", 1 << i, flat));
        (Parameter w, Parameter? b) = given.Linear("head");
        return new Training(given, () =>
        {
            Tensor h = x;
            foreach (Func<Tensor, Tensor> block in blocks) h = block(h);
            // (batch, channels, steps) to (batch, steps, channels), for the layer that works step by step.
            return mse_loss(linear(flat ? h.squeeze(2).transpose(1, 2) : h.transpose(1, 2), w, b), y);
        }, parameters => optim.Adam(parameters, 0.001));
    }

    static Func<Tensor, Tensor> Block(Given given, string name, int dilation, bool flat)
    {
        Func<Tensor, Tensor> first = Convolution(given, name + ".body.0", dilation, 3, flat), second = Convolution(given, name + ".body.2", dilation, 3, flat);
        Func<Tensor, Tensor>? shortcut = given.Has(name + ".shortcut.weight") ? Convolution(given, name + ".shortcut", 1, 1, flat) : null;
        return x => (second(first(x).relu_()).relu_() + (shortcut is null ? x : shortcut(x))).relu_();
    }

    static Func<Tensor, Tensor> Convolution(Given given, string name, int dilation, int kernel, bool flat)
    {
        (Parameter w, Parameter? b) = given.Conv1d(name, asImage: flat);
        long before = (kernel - 1) * dilation;
        return x =>
        {
            if (before > 0) x = pad(x, flat ? [before, 0, 0, 0] : [before, 0]);
            return flat ? conv2d(x, w, b, dilation: [1, dilation]) : conv1d(x, w, b, dilation: dilation);
        };
    }
}
