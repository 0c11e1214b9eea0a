using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The greatest value of each window, (batch, height, width, channels) → (batch, rows, columns, channels) (Riesenhuber
/// and Poggio, 1999). NaN wins. The gradient goes to the first of equal greatest values.
/// </summary>
public sealed record MaxPool2d : Pool2d
{
    public override string Name => "max_pool2d";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        return x[0] with { Shape = Pooled(x[0]) };
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        var values = new double[spec.Shape.Count];
        Walk(x[0].Shape, spec.Shape, (place, pixels) => values[place] = pixels.Select(x[0].Element).Aggregate(Math.Max));
        return Tensor.FromDoubles(values, spec);
    }

    public override Grads Gradient(in GradCall g) => MaxPool2dGradient.Of(this).Apply(g[0], g.Output, g.By);

    public override unsafe void Run(in CpuCall c) =>
        PoolKernel.Gather(Geometry(c[0].Shape, c.Output.Shape), c[0].DType, new Body { X = (byte*)c[0].Data, Y = (byte*)c.Output.Data }, c.Pool);

    private unsafe struct Body : IPoolBody
    {
        public byte* X, Y;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* x = X + window.Input * V.Size, y = Y + window.Output * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size;
            for (int left = lanes; left > 0; left -= V.Count, x += bytes, y += bytes)
            {
                V best = Lanes.Load<V>(x, left);
                if (window.Rows == 2 && window.Columns == 2)
                    best = Greater(Greater(best, Lanes.Load<V>(x + next, left)), Greater(Lanes.Load<V>(x + below, left), Lanes.Load<V>(x + below + next, left)));
                else
                    for (int i = 0; i < window.Rows; i++)
                        for (int j = 0; j < window.Columns; j++) best = Greater(best, Lanes.Load<V>(x + i * below + j * next, left));
                Lanes.Store(best, y, left);
            }
        }

        // Half the price of V.Max, which also orders the two zeros: b where it is greater or NaN, unless a is NaN.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Greater<V>(V a, V b) where V : struct, ILanes<V> => V.Select(V.LessOrEqual(b, a), a, V.Select(V.Equal(a, a), b, a));
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <summary>The greatest value of each square window on pictures (batch, height, width, channels); the stride is the kernel where it is 0.</summary>
        public Tensor MaxPool2d(int kernel, int stride = 0, int padding = 0) => x.MaxPool2d((kernel, kernel), (stride, stride), (padding, padding));

        /// <summary>The greatest value of each window on pictures (batch, height, width, channels); sizes are (height, width), the stride is the kernel where it is 0.</summary>
        public Tensor MaxPool2d((int Height, int Width) kernel, (int Height, int Width) stride = default, (int Height, int Width) padding = default) => new MaxPool2d
        {
            KernelHeight = kernel.Height, KernelWidth = kernel.Width,
            StrideHeight = stride.Height > 0 ? stride.Height : kernel.Height, StrideWidth = stride.Width > 0 ? stride.Width : kernel.Width,
            PadTop = padding.Height, PadBottom = padding.Height, PadLeft = padding.Width, PadRight = padding.Width,
        }.Apply(x);

        /// <summary>The greatest value of each window on sequences (batch, steps, channels); the stride is the kernel where it is 0.</summary>
        public Tensor MaxPool1d(int kernel, int stride = 0, int padding = 0) => x.Unsqueeze(1).MaxPool2d((1, kernel), (1, stride), (0, padding)).Squeeze(1);
    }
}
