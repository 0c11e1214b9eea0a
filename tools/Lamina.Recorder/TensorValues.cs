using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>A tensor as it stands in a file: row-major values, as numbers (bool: 0 and 1).</summary>
sealed record TensorValues(string Dtype, long[] Shape, object Values)
{
    public static TensorValues Of(Tensor tensor)
    {
        using Tensor plain = tensor.detach().contiguous();
        object values = plain.is_floating_point()
            ? Read<double>(plain.to(float64))
            : Read<long>(plain.to(int64));
        return new TensorValues(plain.dtype.ToString().ToLowerInvariant(), [.. plain.shape], values);
    }

    static T[] Read<T>(Tensor tensor) where T : unmanaged => tensor.numel() == 0 ? [] : tensor.data<T>().ToArray();

    public static TensorValues? OfNullable(Tensor? tensor) => tensor is null ? null : Of(tensor);

    public static TensorValues[] OfAll(IEnumerable<Tensor> tensors) => [.. tensors.Select(Of)];
}
