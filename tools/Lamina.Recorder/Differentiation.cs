using TorchSharp;
using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>Runs torch's gradient of recorded computations.</summary>
static class Differentiation
{
    static readonly List<(Tensor Leaf, Func<Tensor> Gradient)> mirrored = [];

    /// <summary>
    /// Says where the gradient of a leaf comes from after the next <see cref="Run"/>, where torch computes with a copy of its
    /// values: the parameters of a module.
    /// </summary>
    public static void Mirror(Tensor leaf, Func<Tensor> gradient) => mirrored.Add((leaf, gradient));

    /// <summary>A copy of the input that takes a gradient, where its dtype can.</summary>
    public static Tensor AsLeaf(Tensor input)
    {
        Tensor leaf = input.detach().clone();
        return leaf.is_floating_point() ? leaf.requires_grad_(true) : leaf;
    }

    /// <summary>
    /// Draws an upstream gradient for each output that torch can differentiate, and leaves the gradients on the leaves.
    /// </summary>
    /// <returns>The upstream gradients; null where an output has none (whole numbers, bools, statistics).</returns>
    public static Tensor?[] Run(Tensor[] outputs, Draw draw)
    {
        Tensor?[] upstream = [.. outputs.Select(y => y.requires_grad ? draw.Normal(y.shape).to(y.dtype) : null)];
        int[] differentiable = [.. Enumerable.Range(0, outputs.Length).Where(i => upstream[i] is not null)];
        if (differentiable.Length > 0)
            autograd.backward([.. differentiable.Select(i => outputs[i])], [.. differentiable.Select(i => upstream[i]!)]);
        foreach ((Tensor leaf, Func<Tensor> gradient) in mirrored)
            leaf.grad = gradient();
        mirrored.Clear();
        return upstream;
    }
}
