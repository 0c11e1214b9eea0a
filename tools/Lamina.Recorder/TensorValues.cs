using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>A tensor as it stands in a file: row-major values, as numbers (bool: 0 and 1).</summary>
sealed record TensorValues(string Dtype, long[] Shape, object Values)
{
    public static TensorValues Of(Tensor tensor)
    {
        using Tensor plain = tensor.detach().contiguous();
        object values = plain.is_floating_point()
            ? plain.to(float64).data<double>().ToArray()
            : plain.to(int64).data<long>().ToArray();
        return new TensorValues(plain.dtype.ToString().ToLowerInvariant(), [.. plain.shape], values);
    }

    public static TensorValues? OfNullable(Tensor? tensor) => tensor is null ? null : Of(tensor);

    public static TensorValues[] OfAll(IEnumerable<Tensor> tensors) => [.. tensors.Select(Of)];
}
