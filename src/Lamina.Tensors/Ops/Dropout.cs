using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>
        /// Each value set to 0 with probability <paramref name="rate"/>, the others divided by 1 − rate, so that the
        /// expected value stays (Srivastava et al., 2014). For training only.
        /// </summary>
        /// <param name="rate">The probability, 0 to 1.</param>
        /// <param name="key">Seed and step, int64 (2).</param>
        /// <param name="stream">A number of its own for each place in a model.</param>
        /// <exception cref="TensorException">The rate is not in 0 to 1, or x holds no floats.</exception>
        public Tensor Dropout(double rate, Tensor key, int stream)
        {
            if (!(rate is >= 0 and <= 1)) throw new TensorException($"dropout: rate {rate} is not in 0 to 1", "the part of the values to drop, such as 0.1");
            if (!x.DType.IsFloat) throw new TensorException($"dropout: takes float32 or float64, not {x.DType.Text}", "Cast(DType.Float32) first");
            if (rate == 0) return x;
            if (rate == 1) return x * 0;
            Tensor isDropped = Tensor.RandomUniform(x.Shape, key, stream) < rate;
            return Tensor.Where(isDropped, Tensor.ZerosLike(x), x * (1 / (1 - rate)));
        }
    }
}
