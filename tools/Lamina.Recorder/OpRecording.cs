using TorchSharp;
using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>
/// Records the calls of one op. The computation starts from tensors in Lamina's layout and ends in Lamina's layout
/// (permuting to torch's and back inside), so that torch's own gradients come out in Lamina's layout too.
/// </summary>
sealed class OpRecording(RecordedFile file)
{
    public Draw Draw => file.Draw;

    /// <summary>Records one call with one output.</summary>
    public void Add(string name, object? attributes, Func<Tensor[], Tensor> compute, params Tensor[] inputs) =>
        AddMany(name, attributes, x => [compute(x)], inputs);

    /// <summary>Records one call with several outputs.</summary>
    public void AddMany(string name, object? attributes, Func<Tensor[], Tensor[]> compute, params Tensor[] inputs)
    {
        Tensor[] leaves = [.. inputs.Select(AsLeaf)];
        Tensor[] outputs = compute(leaves);
        Tensor?[] upstream = Differentiation.Run(outputs, Draw);
        file.AddCase(new
        {
            name,
            attributes = attributes ?? new { },
            inputs = TensorValues.OfAll(leaves),
            outputs = TensorValues.OfAll(outputs),
            upstream = upstream.Select(TensorValues.OfNullable),
            gradients = leaves.Select(x => TensorValues.OfNullable(x.grad)),
        });
    }

    static Tensor AsLeaf(Tensor input)
    {
        Tensor leaf = input.detach().clone();
        return leaf.is_floating_point() ? leaf.requires_grad_(true) : leaf;
    }
}

/// <summary>Runs the gradient of some outputs.</summary>
static class Differentiation
{
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
        return upstream;
    }
}
