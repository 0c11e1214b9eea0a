using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The base of <see cref="AvgPool2d"/> and its gradient.</summary>
public abstract record Averaging2d : Pool2d
{
    /// <summary>Whether the margin counts as zeros that are averaged too; otherwise only the image's own pixels count.</summary>
    public bool CountIncludePad { get; init; } = true;

    /// <summary>Divisor of a window's sum; 0: the window's own number of pixels.</summary>
    private protected int Divisor => CountIncludePad ? KernelHeight * KernelWidth : 0;

    /// <summary>Whether a product with the divisor's reciprocal is the quotient, and quicker: by a power of two.</summary>
    private protected bool IsProduct => Divisor > 0 && int.IsPow2(Divisor);

    /// <summary>Division of a sum.</summary>
    private protected interface IShare
    {
        static abstract V Factor<V>(int divisor) where V : struct, ILanes<V>;
        static abstract V Of<V>(V sum, V factor) where V : struct, ILanes<V>;
    }

    private protected readonly struct Quotient : IShare
    {
        public static V Factor<V>(int divisor) where V : struct, ILanes<V> => V.Of(divisor);

        public static V Of<V>(V sum, V factor) where V : struct, ILanes<V> => sum / factor;
    }

    private protected readonly struct Product : IShare
    {
        public static V Factor<V>(int divisor) where V : struct, ILanes<V> => V.Of(1.0 / divisor);

        public static V Of<V>(V sum, V factor) where V : struct, ILanes<V> => sum * factor;
    }
}

/// <summary>The mean of each window, (batch, height, width, channels) → (batch, rows, columns, channels) (LeCun et al., 1989).</summary>
public sealed record AvgPool2d : Averaging2d
{
    public override string Name => "avg_pool2d";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        return x[0] with { Shape = Pooled(x[0]) };
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        var values = new double[spec.Shape.Count];
        Walk(x[0].Shape, spec.Shape, (place, pixels) => values[place] = pixels.Sum(x[0].Element) / (Divisor > 0 ? Divisor : pixels.Length));
        return Tensor.FromDoubles(values, spec);
    }

    public override Grads Gradient(in GradCall g) => new AvgPool2dGradient
    {
        KernelHeight = KernelHeight, KernelWidth = KernelWidth, StrideHeight = StrideHeight, StrideWidth = StrideWidth,
        PadTop = PadTop, PadLeft = PadLeft, PadBottom = PadBottom, PadRight = PadRight, CountIncludePad = CountIncludePad, Input = g[0].Shape,
    }.Apply(g.By);

    public override void Run(in CpuCall c)
    {
        if (IsProduct) Run<Product>(c);
        else Run<Quotient>(c);
    }

    private unsafe void Run<S>(in CpuCall c) where S : struct, IShare => PoolKernel.Gather(Geometry(c[0].Shape, c.Output.Shape), c[0].DType,
        new Body<S> { X = (byte*)c[0].Data, Y = (byte*)c.Output.Data, Divisor = Divisor }, c.Pool);

    private unsafe struct Body<S> : IPoolBody where S : struct, IShare
    {
        public byte* X, Y;
        public int Divisor;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* x = X + window.Input * V.Size, y = Y + window.Output * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size;
            V factor = S.Factor<V>(Divisor > 0 ? Divisor : window.Rows * window.Columns);
            for (int count = window.Count; count > 0; count--, x += window.Step * V.Size, y += next)
            {
                nint at = 0;
                for (int left = lanes; left > 0; left -= V.Count, at += bytes)
                {
                    V sum = V.Of(0);
                    for (int i = 0; i < window.Rows; i++)
                        for (int j = 0; j < window.Columns; j++) sum += Lanes.Load<V>(x + at + i * below + j * next, left);
                    Lanes.Store(S.Of(sum, factor), y + at, left);
                }
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The mean of each square window on images (batch, height, width, channels); the stride is the kernel where it is 0.</summary>
        public Tensor AvgPool2d(int kernel, int stride = 0, int padding = 0, bool countIncludePad = true) =>
            x.AvgPool2d((kernel, kernel), (stride, stride), (padding, padding), countIncludePad);

        /// <summary>
        /// The mean of each window on images (batch, height, width, channels); sizes are (height, width), the stride is the kernel where it is 0.
        /// </summary>
        public Tensor AvgPool2d((int Height, int Width) kernel, (int Height, int Width) stride = default, (int Height, int Width) padding = default,
            bool countIncludePad = true) => new AvgPool2d
        {
            KernelHeight = kernel.Height, KernelWidth = kernel.Width,
            StrideHeight = stride.Height > 0 ? stride.Height : kernel.Height, StrideWidth = stride.Width > 0 ? stride.Width : kernel.Width,
            PadTop = padding.Height, PadBottom = padding.Height, PadLeft = padding.Width, PadRight = padding.Width, CountIncludePad = countIncludePad,
        }.Apply(x);

        /// <summary>The mean of each window on sequences (batch, steps, channels); the stride is the kernel where it is 0.</summary>
        public Tensor AvgPool1d(int kernel, int stride = 0, int padding = 0, bool countIncludePad = true) =>
            x.Unsqueeze(1).AvgPool2d((1, kernel), (1, stride), (0, padding), countIncludePad).Squeeze(1);

        /// <summary>The mean of each channel over a whole image, (batch, height, width, channels) → (batch, channels) (Lin, Chen and Yan, 2013).</summary>
        public Tensor GlobalAvgPool2d() => x.Rank == 4 ? x.Mean([1, 2])
            : throw new TensorException($"global_avg_pool2d: shape {x.Shape} is not (batch, height, width, channels)");
    }
}
