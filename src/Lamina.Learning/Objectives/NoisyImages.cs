using Lamina.Learning.Data;
using Lamina.Learning.Diffusion;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Objectives;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// What <see cref="Denoising"/> and <see cref="FlowMatching"/> have in common: noise and a time are drawn for each image of a batch, classes are
/// kept
/// from the network now and then, and its output is compared with what it should have said.
/// </summary>
/// <remarks>
/// In training all draws come from the pass's key, (seed, step), inside the recorded step: a resumed run has the same bits. In evaluation they
/// come from a
/// key of their own, so that every evaluation measures the same noise. The times of a batch are spread evenly from a random start
/// (Kingma, Salimans, Poole and Ho, 2021), which makes the loss less noisy than times drawn one by one.
/// </remarks>
internal static class NoisyImages
{
    private const long EvaluationSeed = 0x4E6F697365; // any number

    /// <exception cref="ArgumentException">The network is no denoiser.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share isn't 0 to below 1.</exception>
    public static void Check(Network network, double dropClasses)
    {
        _ = Of(network);
        if (!(dropClasses is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(dropClasses), dropClasses, "the share of dropped classes is 0 to below 1");
    }

    /// <summary>Gives the network's parameters their shapes by the inputs of an example: an image, and its class.</summary>
    public static void Build(Network network, Specs inputs)
    {
        if (network.IsBuilt) return;
        var time = new Spec(DType.Float32, Shape.Scalar);
        network.Build(Of(network).Classes > 0 ? [inputs[0], time, new Spec(DType.Int32, Shape.Scalar)] : [inputs[0], time]);
    }

    /// <summary>Draws times, 0 to below 1, float32 (batch), and noise of the images' shape.</summary>
    /// <exception cref="TensorException">The batch has no images of the network's shape, or no classes.</exception>
    public static Draw Next(Network network, double dropClasses, Batch batch, Pass pass)
    {
        IDenoiser denoiser = Of(network);
        Tensor x = batch.Inputs[0];
        Shape image = denoiser.Image;
        if (x.Rank != 4 || x.DType != DType.Float32 || x.Shape.Without(0) != image)
            throw new TensorException($"the batch's images are {x.Spec}; {network} takes float32 (batch, {image[0]}, {image[1]}, {image[2]})",
                "images of one size, with values from −1 to 1");
        if (batch.Inputs.Count != (denoiser.Classes > 0 ? 2 : 1))
            throw new TensorException($"the batch has {batch.Inputs.Count} inputs; {network} learns from images"
                + $"{(denoiser.Classes > 0 ? " and the class of each" : "")}",
                denoiser.Classes > 0 ? "the classes as second input" : "a network with as many classes as there are");
        int stream = 0, count = x.Shape[0];
        Tensor key = pass.IsTraining ? pass.Key : Tensor.From(EvaluationSeed, 0L);
        int Stream() => pass.IsTraining ? pass.NextStream() : stream++;
        // Batches of an evaluation stand in the order of the data, often by class: their times are scattered, so that none has all the noise.
        int apart = pass.IsTraining ? 1 : Scatter(count);
        Tensor places = Tensor.From([.. Enumerable.Range(0, count).Select(i => (float)((long)i * apart % count))], [count]);
        Tensor times = (places + Tensor.RandomUniform([1], key, Stream())) * (1.0 / count);
        Tensor noise = Tensor.RandomNormal(x.Shape, key, Stream());
        if (denoiser.Classes == 0) return new(x, times, noise, null);
        Tensor classes = batch.Inputs[1];
        if (pass.IsTraining && dropClasses > 0)
        {
            Tensor isDropped = Tensor.RandomUniform([count], key, Stream()) < dropClasses;
            classes = Tensor.Where(isDropped, Tensor.Full([count], denoiser.Classes, classes.DType), classes);
        }
        return new(x, times, noise, classes);
    }

    // A step about the golden section of the count, by which every place is come to.
    private static int Scatter(int count)
    {
        int step = Math.Max(1, (int)(0.618 * count));
        while (System.Numerics.BigInteger.GreatestCommonDivisor(step, count) > 1) step++;
        return step;
    }

    /// <summary>The network's output for noisy images at these times, and how far it is from the target.</summary>
    public static ObjectiveResult Compare(Network network, Draw draw, Tensor noisy, Tensor time, Tensor target, Loss loss, Tensor? weights, Pass pass)
    {
        Tensors inputs = draw.Classes is null ? [noisy, time] : [noisy, time, draw.Classes];
        Tensor output = network.Forward(inputs, pass)[0];
        Tracer? tracer = Tracer.Current;
        tracer?.Enter(loss, [output, target]);
        LossValue value = LossPlace.Compute(network, loss, output, target, weights);
        tracer?.Leave(loss, value.Mean);
        return new(value.Mean, [output, target], value.Weight, value.Sum);
    }

    private static IDenoiser Of(Network network) =>
        network as IDenoiser ?? throw new ArgumentException($"{network} takes no noise away: it isn't an IDenoiser", nameof(network));

    /// <summary>A number for each image, (batch), as it is multiplied with images.</summary>
    public static Tensor Each(Tensor values) => values.Reshape(values.Shape[0], 1, 1, 1);

    /// <summary>The draws for a batch.</summary>
    /// <param name="Images">The images.</param>
    /// <param name="Times">A time for each, 0 to below 1.</param>
    /// <param name="Noise">Standard normal noise.</param>
    /// <param name="Classes">The class of each, or the number that stands for none; null where there are none.</param>
    public readonly record struct Draw(Tensor Images, Tensor Times, Tensor Noise, Tensor? Classes);
}
