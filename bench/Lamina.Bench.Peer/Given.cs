using Lamina.Bench.Protocol;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lamina.Bench.Peer;

/// <summary>
/// The tensors that both sides begin with, turned from Lamina's layout into libtorch's. Tensors requested as parameters are trained.
/// </summary>
sealed class Given(IReadOnlyList<SentTensor> sent, IReadOnlyDictionary<string, double> options, bool channelsLast) : IDisposable
{
    readonly Dictionary<string, SentTensor> byName = sent.ToDictionary(t => t.Name);
    readonly List<IDisposable> made = [];

    /// <summary>What is trained.</summary>
    public Bag Parameters { get; } = new();

    /// <summary>Whether images were asked for.</summary>
    public bool HasImages { get; private set; }

    /// <summary>Whether images lie channels last in memory.</summary>
    public bool ChannelsLast
    {
        get
        {
            HasImages = true;
            return channelsLast;
        }
    }

    public int Option(string name) => (int)options[name];

    /// <summary>Values as they were sent; whole numbers become int64, as labels and indices must be.</summary>
    public Tensor Plain(string name)
    {
        SentTensor t = byName[name];
        long[] shape = [.. t.Shape.Select(size => (long)size)];
        Tensor result = t.Floats is { } floats ? tensor(floats, shape) : tensor(t.Integers!.Select(x => (long)x).ToArray(), shape);
        made.Add(result);
        return result;
    }

    public bool Has(string name) => byName.ContainsKey(name);

    /// <summary>
    /// (batch, height, width, channels), or (batch, width, channels) of height 1, to (batch, channels, height, width), in memory
    /// as the layout asks.
    /// </summary>
    public Tensor Images(string name)
    {
        Tensor images = Plain(name);
        if (images.dim() == 3) images = images.unsqueeze(1);
        return Own(ChannelsLast ? images.permute(0, 3, 1, 2) : images.permute(0, 3, 1, 2).contiguous());
    }

    /// <summary>(batch, steps, channels) to (batch, channels, steps).</summary>
    public Tensor Sequences(string name) => Own(Plain(name).transpose(1, 2).contiguous());

    /// <summary>A parameter as it was sent.</summary>
    public Parameter Parameter(string name) => Train(name, Plain(name));

    /// <summary>A linear layer's weight and bias: (in, out) to (out, in).</summary>
    public (Parameter Weight, Parameter? Bias) Linear(string name) =>
        (Train(name + ".weight", Plain(name + ".weight").t().contiguous()), Bias(name));

    /// <summary>
    /// The linear layer that follows a flattened image of height × width: ours flattens (height, width, channels), libtorch
    /// (channels, height, width), so the inputs are put into that order.
    /// </summary>
    public (Parameter Weight, Parameter? Bias) LinearAfterImage(string name, int height, int width)
    {
        Tensor weight = Plain(name + ".weight");
        long outputs = weight.shape[1];
        return (Train(name + ".weight", weight.reshape(height, width, -1, outputs).permute(3, 2, 0, 1).reshape(outputs, -1).contiguous()), Bias(name));
    }

    /// <summary>A 2-D convolution's weight and bias: (height, width, in, out) to (out, in, height, width).</summary>
    public (Parameter Weight, Parameter? Bias) Conv2d(string name) => Conv2d(name, Plain(name + ".weight"));

    (Parameter Weight, Parameter? Bias) Conv2d(string name, Tensor weight)
    {
        Tensor turned = ChannelsLast ? weight.permute(3, 0, 1, 2).contiguous().permute(0, 3, 1, 2) : weight.permute(3, 2, 0, 1).contiguous();
        return (Train(name + ".weight", turned), Bias(name));
    }

    /// <summary>A 1-D convolution's weight and bias: (kernel, in, out) to (out, in, kernel), or to (out, in, 1, kernel) as a 2-D one.</summary>
    public (Parameter Weight, Parameter? Bias) Conv1d(string name, bool asImage) => asImage ? Conv2d(name, Plain(name + ".weight").unsqueeze(0)) :
        (Train(name + ".weight", Plain(name + ".weight").permute(2, 1, 0).contiguous()), Bias(name));

    /// <summary>A value that isn't trained.</summary>
    public Tensor Own(Tensor value)
    {
        made.Add(value);
        return value;
    }

    Parameter? Bias(string name) => Has(name + ".bias") ? Parameter(name + ".bias") : null;

    Parameter Train(string name, Tensor value)
    {
        Parameter parameter = nn.Parameter(value.detach());
        Parameters.Add(name, parameter);
        return parameter;
    }

    public void Dispose()
    {
        Parameters.Dispose();
        foreach (IDisposable one in made) one.Dispose();
    }
}

/// <summary>Parameters in a module, whose <c>zero_grad</c> can let go of gradients.</summary>
sealed class Bag() : nn.Module("bag")
{
    public void Add(string name, Parameter parameter) => register_parameter(name.Replace('.', '_'), parameter);

    public void Add(string name, nn.Module module) => register_module(name, module);
}
