using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>dy → dx: the gradient of <see cref="AvgPool2d"/>. Each window's dy is spread evenly over its pixels.</summary>
public sealed record AvgPool2dGradient : Averaging2d
{
    public override string Name => "avg_pool2d_gradient";

    /// <summary>The shape of the images, (batch, height, width, channels).</summary>
    public required Shape Input { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Shape pooled = Pooled(x[0] with { Shape = Input });
        if (x[0].Shape != pooled) Refuse($"dy has shape {x[0].Shape}; with images of {Input} it must have {pooled}");
        return x[0] with { Shape = Input };
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[Input.Count];
        Walk(Input, x[0].Shape, (place, pixels) =>
        {
            foreach (int pixel in pixels) values[pixel] += x[0].Element(place) / (Divisor > 0 ? Divisor : pixels.Length);
        });
        return Tensor.FromDoubles(values, x[0].Spec with { Shape = Input });
    }

    public override Grads Gradient(in GradCall g) => new AvgPool2d
    {
        KernelHeight = KernelHeight, KernelWidth = KernelWidth, StrideHeight = StrideHeight, StrideWidth = StrideWidth,
        PadTop = PadTop, PadLeft = PadLeft, PadBottom = PadBottom, PadRight = PadRight, CountIncludePad = CountIncludePad,
    }.Apply(g.By);

    public override void Run(in CpuCall c)
    {
        if (IsProduct) Run<Product>(c);
        else Run<Quotient>(c);
    }

    private unsafe void Run<S>(in CpuCall c) where S : struct, IShare => PoolKernel.Scatter(Geometry(Input, c[0].Shape), c[0].DType, c.Output.Data,
        new Body<S> { By = (byte*)c[0].Data, To = (byte*)c.Output.Data, Divisor = Divisor }, c.Pool);

    private unsafe struct Body<S> : IPoolBody where S : struct, IShare
    {
        public byte* By, To;
        public int Divisor;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* by = By + window.Output * V.Size, to = To + window.Input * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size;
            V factor = S.Factor<V>(Divisor > 0 ? Divisor : window.Rows * window.Columns);
            for (int count = window.Count; count > 0; count--, by += next, to += window.Step * V.Size)
            {
                nint at = 0;
                for (int left = lanes; left > 0; left -= V.Count, at += bytes)
                {
                    V share = S.Of(Lanes.Load<V>(by + at, left), factor);
                    for (int i = 0; i < window.Rows; i++)
                        for (int j = 0; j < window.Columns; j++)
                        {
                            byte* pixel = to + at + i * below + j * next;
                            Lanes.Store(Lanes.Load<V>(pixel, left) + share, pixel, left);
                        }
                }
            }
        }
    }
}
