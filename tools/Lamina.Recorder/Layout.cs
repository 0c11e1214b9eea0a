using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>Between Lamina's layout (channels last) and torch's (channels second), inside the recorded computation.</summary>
static class Layout
{
    /// <summary>(batch, …, channels) to (batch, channels, …).</summary>
    public static Tensor ToChannelsSecond(Tensor x) => x.movedim([-1], [1]);

    /// <summary>(batch, channels, …) to (batch, …, channels).</summary>
    public static Tensor ToChannelsLast(Tensor x) => x.movedim([1], [-1]);

    /// <summary>(kernel…, in / groups, out) to torch's (out, in / groups, kernel…).</summary>
    public static Tensor ToTorchKernel(Tensor w) => w.movedim([-1, -2], [0, 1]);

    /// <summary>Runs one of torch's channels-second functions on a channels-last tensor.</summary>
    public static Tensor ChannelsLast(Tensor x, Func<Tensor, Tensor> f) => ToChannelsLast(f(ToChannelsSecond(x)));
}
