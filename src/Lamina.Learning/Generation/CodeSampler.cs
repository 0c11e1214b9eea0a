using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Generation;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A network that makes an image of a code: a decoder, or a generator.</summary>
public interface IImageDecoder
{
    /// <summary>The shape of an image, (height, width, channels).</summary>
    Shape Image { get; }

    /// <summary>The number of classes that it is told; 0: none.</summary>
    int Classes { get; }

    /// <summary>Numbers of a code, which are standard normal where any image is drawn.</summary>
    int CodeSize { get; }

    /// <summary>Images (batch, height, width, channels) from −1 to 1.</summary>
    /// <param name="code">The codes, float32 (batch, code).</param>
    /// <param name="classes">The class of each, int32 (batch); null where it is told none.</param>
    /// <param name="pass">How the pass is meant.</param>
    Tensor Decode(Tensor code, Tensor? classes, Pass pass);
}

/// <summary>
/// Draws images by a network that makes an image of a code, such as a variational autoencoder or a generative adversarial network: codes are standard
/// normal. The network runs as a recorded plan, in evaluation, so that an image doesn't depend on those beside it.
/// </summary>
public sealed class CodeSampler : IImageGenerator
{
    // Images that are decoded at once; more are drawn in parts.
    private const int AtOnce = 100;

    private readonly IImageDecoder _decoder;
    private readonly Plan _plan;

    /// <summary>A sampler.</summary>
    /// <param name="network">A network that is an <see cref="IImageDecoder"/>; its weights are read as they are at each call.</param>
    /// <param name="temperature">The deviation of the codes, above 0: below 1 images are likelier and less diverse.</param>
    /// <exception cref="ArgumentException">The network makes no images of codes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature isn't above 0, to 10.</exception>
    public CodeSampler(Network network, double temperature = 1)
    {
        _decoder = network as IImageDecoder 
            ?? throw new ArgumentException($"{network} makes no images of codes: it isn't an IImageDecoder", nameof(network));
        if (!(temperature is > 0 and <= 10))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "the temperature is above 0, to 10");
        Temperature = temperature;
        _plan = new Plan(x => _decoder.Decode(x[0], x.Count > 1 ? x[1] : null, Pass.Evaluation), network.Fingerprint);
    }

    /// <summary>The deviation of the codes.</summary>
    public double Temperature { get; }

    /// <inheritdoc/>
    public Shape Image => _decoder.Image;

    /// <inheritdoc/>
    public int Classes => _decoder.Classes;

    /// <inheritdoc/>
    public Tensor Draw(int count, DrawOptions? options = null)
    {
        options ??= new DrawOptions();
        options.Require(count, Classes);
        using Gradient.PauseScope pause = Gradient.Pause();
        var parts = new List<Tensor>();
        for (int first = 0; first < count; first += AtOnce)
        {
            options.Cancel.ThrowIfCancellationRequested();
            parts.Add(DrawPart(first, Math.Min(AtOnce, count - first), options));
            options.Progress?.Invoke((first + parts[^1].Shape[0]) / (double)count);
        }
        return parts.Count == 1 ? parts[0] : Tensor.Concat([.. parts], 0);
    }

    private Tensor DrawPart(int first, int count, DrawOptions options)
    {
        int size = _decoder.CodeSize;
        int[] classes = new int[count];
        Tensor code = Tensor.Create<float>([count, size], values =>
        {
            for (int i = 0; i < count; i++)
            {
                RandomStream random = options.Stream(first + i);
                for (int j = 0; j < size; j++) values[i * size + j] = (float)(Temperature * random.NextNormal());
                classes[i] = options.Classes?[first + i] ?? (Classes > 0 ? random.NextInt(Classes) : 0);
            }
        });
        return _plan.Run(Classes > 0 ? [code, Tensor.From(classes)] : [code])[0].Keep();
    }
}
