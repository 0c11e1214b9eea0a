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
        Tensor[] leaves = [.. inputs.Select(Differentiation.AsLeaf)];
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
}
