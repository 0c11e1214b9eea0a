using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// x → (y[, indices]): the maximum of each window, (batch, height, width, channels) → (batch, rows, columns, channels)
/// (Riesenhuber and Poggio, 1999). NaN wins. Indices say which of the window's pixels that lie in the image it was, counted
/// from 0 row by row, as numbers of x's type: the first of equal maxima. The gradient goes there.
/// </summary>
public sealed record MaxPool2d : Pool2d
{
    public override string Name => "max_pool2d";

    /// <summary>Whether indices are a result. The gradient needs them, and looks for them again where they weren't kept.</summary>
    public bool KeepsIndices { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Spec y = x[0] with { Shape = Pooled(x[0]) };
        return KeepsIndices ? [y, y] : y;
    }

    /// <summary>Applies the op to x, and keeps indices where x is tracked.</summary>
    /// <exception cref="TensorException">The window doesn't fit x.</exception>
    public Tensor Pool(Tensor x) => (this with { KeepsIndices = Tracking.Applies(x) }).Apply(x);

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        var values = new double[spec.Shape.Count];
        var indices = new double[values.Length];
        Walk(x[0].Shape, spec.Shape, (place, pixels) =>
        {
            double[] seen = [.. pixels.Select(x[0].Element)];
            values[place] = seen.Aggregate(Math.Max);
            indices[place] = Array.IndexOf(seen, values[place]);     // also finds NaN
        });
        Tensor y = Tensor.FromDoubles(values, spec);
        return KeepsIndices ? [y, Tensor.FromDoubles(indices, spec)] : y;
    }

    public override Grads Gradient(in GradCall g)
    {
        Tensor indices = KeepsIndices ? g.Outputs[1] : (this with { KeepsIndices = true }).ApplyAll(g.Inputs)[1];
        return MaxPool2dGradient.Of(this, g[0].Shape).Apply(indices, g.By);
    }

    public override void Run(in CpuCall c)
    {
        if (KeepsIndices) Run<Kept>(c);
        else Run<Dropped>(c);
    }

    private unsafe void Run<P>(in CpuCall c) where P : struct, IKeepsIndices
    {
        var body = new Body<P> { X = (byte*)c[0].Data, Y = (byte*)c.Output.Data, Indices = (byte*)c.Outputs[^1].Data };
        PoolKernel.Gather(Geometry(c[0].Shape, c.Output.Shape), c[0].DType, body, c.Pool);
    }

    /// <summary>Whether indices are written, known to the JIT.</summary>
    private interface IKeepsIndices
    {
        static abstract bool AreKept { get; }
    }

    private readonly struct Kept : IKeepsIndices { public static bool AreKept => true; }

    private readonly struct Dropped : IKeepsIndices { public static bool AreKept => false; }

    private unsafe struct Body<P> : IPoolBody where P : struct, IKeepsIndices
    {
        public byte* X, Y, Indices;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* x = X + window.Input * V.Size, y = Y + window.Output * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size, indices = (nint)(Indices - Y);
            for (int count = window.Count; count > 0; count--, x += window.Step * V.Size, y += next)
            {
                int left = lanes;
                nint at = 0;
                if (window.IsQuad)
                {
                    // Whole vectors in a loop of their own, without a look at what is left for each load.
                    for (; left >= V.Count; left -= V.Count, at += bytes) Quad<V>(x + at, next, below, y + at, indices, V.Count);
                    if (left > 0) Quad<V>(x + at, next, below, y + at, indices, left);
                    continue;
                }
                for (; left > 0; left -= V.Count, at += bytes)
                {
                    V best = Lanes.Load<V>(x + at, left), place = V.Of(0);
                    for (int i = 0; i < window.Rows; i++)
                        for (int j = 0; j < window.Columns; j++) Take(ref best, ref place, Lanes.Load<V>(x + at + i * below + j * next, left),
                            V.Of(i * window.Columns + j));
                    Put(best, place, y + at, indices, left);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Quad<V>(byte* x, nint next, nint below, byte* y, nint indices, int left) where V : struct, ILanes<V>
        {
            V best = Lanes.Load<V>(x, left), place = V.Of(0), second = Lanes.Load<V>(x + below, left), its = V.Of(2);
            Take(ref best, ref place, Lanes.Load<V>(x + next, left), V.Of(1));
            Take(ref second, ref its, Lanes.Load<V>(x + below + next, left), V.Of(3));
            Take(ref best, ref place, second, its);
            Put(best, place, y, indices, left);
        }

        /// <summary>
        /// Another value and its place where it is greater or NaN, unless the best is NaN: half the price of V.Max, which also orders
        /// the two zeros.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Take<V>(ref V best, ref V place, V other, V its) where V : struct, ILanes<V>
        {
            V less = V.LessOrEqual(other, best), known = V.Equal(best, best);
            best = V.Select(less, best, V.Select(known, other, best));
            if (P.AreKept) place = V.Select(less, place, V.Select(known, its, place));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put<V>(V best, V place, byte* y, nint indices, int left) where V : struct, ILanes<V>
        {
            Lanes.Store(best, y, left);
            if (P.AreKept) Lanes.Store(place, y + indices, left);
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The maximum of each square window on images (batch, height, width, channels); the stride is the kernel where it is 0.</summary>
        public Tensor MaxPool2d(int kernel, int stride = 0, int padding = 0) => x.MaxPool2d((kernel, kernel), (stride, stride), (padding, padding));

        /// <summary>
        /// The maximum of each window on images (batch, height, width, channels); sizes are (height, width), the stride is the kernel where it is
        /// 0.
        /// </summary>
        public Tensor MaxPool2d((int Height, int Width) kernel, (int Height, int Width) stride = default, (int Height, int Width) padding = default) =>
            new MaxPool2d
        {
            KernelHeight = kernel.Height, KernelWidth = kernel.Width,
            StrideHeight = stride.Height > 0 ? stride.Height : kernel.Height, StrideWidth = stride.Width > 0 ? stride.Width : kernel.Width,
            PadTop = padding.Height, PadBottom = padding.Height, PadLeft = padding.Width, PadRight = padding.Width,
        }.Pool(x);

        /// <summary>The maximum of each window on sequences (batch, steps, channels); the stride is the kernel where it is 0.</summary>
        public Tensor MaxPool1d(int kernel, int stride = 0, int padding = 0) => x.Unsqueeze(1).MaxPool2d((1, kernel), (1, stride), (0, padding)).Squeeze(1);
    }
}
