using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Convolutions;

/// <summary>
/// 2-D convolution, channels last, and its two gradients. In float32 all three are products over tiles of pixels that
/// read the image in place (or a padded copy of a few rows); the input gradient is a convolution of dY by the turned
/// weights, one for each phase of the stride. Results don't depend on threads.
/// </summary>
internal static unsafe class Convolution
{
    /// <summary>y = x ∗ w; to the epilogue rows are pixels (n, oy, ox) in order and columns output channels.</summary>
    public static void Forward(CpuPool pool, DType type, in ConvShape shape, void* x, void* w, void* y, BlockEpilogue? epilogue = null)
    {
        if (shape.Batch == 0 || shape.OutPixels == 0 || shape.OutChannels == 0) return;
        if (shape.IsPointwise)
        {
            int pixels = shape.Batch * shape.OutPixels;
            Gemm.Multiply(pool, type, new(x, pixels, shape.InChannels), new(w, shape.InChannels, shape.OutChannels), new(y, pixels, shape.OutChannels), false,
                epilogue);
        }
        else if (type == DType.Float64)
        {
            var plain = new PlainForward<double>(shape, (double*)x, (double*)w, (double*)y, epilogue);
            pool.For(shape.Batch * shape.OutHeight, 1, ref plain);
        }
        else switch (SingleChannelProduct<F512>.Suits(shape) ? Tiers.Current : TierFor(shape.GroupOut))
        {
            case Tier.Vector512: ConvolutionOf<F512>.Forward(pool, shape, (float*)x, (float*)w, (float*)y, epilogue); break;
            case Tier.Vector256: ConvolutionOf<F256>.Forward(pool, shape, (float*)x, (float*)w, (float*)y, epilogue); break;
            default: ConvolutionOf<F128>.Forward(pool, shape, (float*)x, (float*)w, (float*)y, epilogue); break;
        }
    }

    /// <summary>dx, from dy and w; to the epilogue rows are pixels of x.</summary>
    public static void InputGradient(CpuPool pool, DType type, in ConvShape shape, void* dy, void* w, void* dx, BlockEpilogue? epilogue = null)
    {
        if (shape.Batch == 0 || shape.InChannels == 0 || shape.Height * shape.Width == 0) return;
        if (shape.IsPointwise)
        {
            int pixels = shape.Batch * shape.OutPixels;
            Gemm.Multiply(pool, type, new(dy, pixels, shape.OutChannels), new Matrix(w, shape.InChannels, shape.OutChannels).Transposed,
                new(dx, pixels, shape.InChannels), false, epilogue);
        }
        else if (type == DType.Float64)
        {
            var plain = new PlainInputGradient<double>(shape, (double*)dy, (double*)w, (double*)dx, epilogue);
            pool.For(shape.Batch * shape.Height, 1, ref plain);
        }
        // Taps times channels fill whole vectors.
        else switch (ScatterProduct<F512>.Suits(shape) ? Tiers.Current : TierFor(shape.GroupIn))
        {
            case Tier.Vector512: ConvolutionOf<F512>.InputGradient(pool, shape, (float*)dy, (float*)w, (float*)dx, epilogue); break;
            case Tier.Vector256: ConvolutionOf<F256>.InputGradient(pool, shape, (float*)dy, (float*)w, (float*)dx, epilogue); break;
            default: ConvolutionOf<F128>.InputGradient(pool, shape, (float*)dy, (float*)w, (float*)dx, epilogue); break;
        }
    }

    /// <summary>Half a vector of channels fills a narrower one, of which two are computed at a time.</summary>
    private static Tier TierFor(int channels) => channels <= F256.Count && Tiers.Current == Tier.Vector512 ? Tier.Vector256 : Tiers.Current;

    /// <summary>dw, from x and dy.</summary>
    public static void WeightGradient(CpuPool pool, DType type, in ConvShape shape, void* x, void* dy, void* dw)
    {
        long size = (long)shape.Depth * shape.OutChannels;
        if (size == 0) return;
        if (shape.Batch == 0 || shape.OutPixels == 0) new Span<byte>(dw, checked((int)(size * type.Size))).Clear();
        else if (shape.IsPointwise)
        {
            int pixels = shape.Batch * shape.OutPixels;
            Gemm.Multiply(pool, type, new Matrix(x, pixels, shape.InChannels).Transposed, new(dy, pixels, shape.OutChannels),
                new(dw, shape.InChannels, shape.OutChannels));
        }
        else if (type == DType.Float64)
        {
            var plain = new PlainWeightGradient<double>(shape, (double*)x, (double*)dy, (double*)dw);
            pool.For(shape.Depth, 1, ref plain);
        }
        else switch (SingleChannelProduct<F512>.Suits(shape) ? Tiers.Current : TierFor(shape.GroupOut))
        {
            case Tier.Vector512: ConvolutionOf<F512>.WeightGradient(pool, shape, (float*)x, (float*)dy, (float*)dw); break;
            case Tier.Vector256: ConvolutionOf<F256>.WeightGradient(pool, shape, (float*)x, (float*)dy, (float*)dw); break;
            default: ConvolutionOf<F128>.WeightGradient(pool, shape, (float*)x, (float*)dy, (float*)dw); break;
        }
    }

    /// <summary>dx and dw, from x, w and dy; to the epilogue rows are pixels of x.</summary>
    public static void Gradients(CpuPool pool, DType type, in ConvShape shape, void* x, void* w, void* dy, void* dx, void* dw, BlockEpilogue? epilogue = null)
    {
        if (type == DType.Float32 && TierFor(Math.Max(shape.GroupIn, shape.GroupOut)) switch
        {
            Tier.Vector512 => ConvolutionOf<F512>.TryGradients(pool, shape, (float*)x, (float*)w, (float*)dy, (float*)dx, (float*)dw, epilogue),
            Tier.Vector256 => ConvolutionOf<F256>.TryGradients(pool, shape, (float*)x, (float*)w, (float*)dy, (float*)dx, (float*)dw, epilogue),
            _ => ConvolutionOf<F128>.TryGradients(pool, shape, (float*)x, (float*)w, (float*)dy, (float*)dx, (float*)dw, epilogue),
        }) return;
        InputGradient(pool, type, shape, dy, w, dx, epilogue);
        WeightGradient(pool, type, shape, x, dy, dw);
    }
}
