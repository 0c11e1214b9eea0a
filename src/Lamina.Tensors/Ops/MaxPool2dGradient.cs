using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>(indices, dy) → dx: the gradient of <see cref="MaxPool2d"/>. Each window's dy goes to the pixel that was the maximum.</summary>
public sealed record MaxPool2dGradient : Pool2d, ITakesEpilogue
{
    public override string Name => "max_pool2d_gradient";

    /// <summary>The shape of the images, (batch, height, width, channels).</summary>
    public required Shape Input { get; init; }

    internal static MaxPool2dGradient Of(Pool2d p, Shape input) => new()
    {
        Input = input, KernelHeight = p.KernelHeight, KernelWidth = p.KernelWidth, StrideHeight = p.StrideHeight, StrideWidth = p.StrideWidth,
        PadTop = p.PadTop, PadLeft = p.PadLeft, PadBottom = p.PadBottom, PadRight = p.PadRight,
    };

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 2);
        Spec dx = x[0] with { Shape = Input };
        Shape pooled = Pooled(dx);
        Require(x, 0, dx, pooled);
        Require(x, 1, dx, pooled);
        return dx;
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[Input.Count];
        Walk(Input, x[0].Shape, (place, pixels) =>
        {
            for (int i = 0; i < pixels.Length; i++)
                if (x[0].Element(place) == i) values[pixels[i]] += x[1].Element(place);
        });
        return Tensor.FromDoubles(values, Infer(x.Specs)[0]);
    }

    // Which pixel is the maximum doesn't change near x, so only dy has a gradient.
    public override Grads Gradient(in GradCall g) => [null, g.Wants(1) ? MaxPool2dPick.Of(this).Apply(g[0], g.By) : null];

    public override void Run(in CpuCall c) => Run(c, null);

    void ITakesEpilogue.Run(in CpuCall c, BlockEpilogue epilogue) => Run(c, epilogue);

    private unsafe void Run(in CpuCall c, BlockEpilogue? epilogue)
    {
        PoolGeometry geometry = Geometry(Input, c[0].Shape);
        bool apart = StrideHeight >= KernelHeight && StrideWidth >= KernelWidth, side = StrideHeight <= KernelHeight && StrideWidth <= KernelWidth;
        bool covers = apart && side && geometry.OutHeight * StrideHeight - PadTop >= geometry.Height
            && geometry.OutWidth * StrideWidth - PadLeft >= geometry.Width;
        var body = new Body { Indices = (byte*)c[0].Data, By = (byte*)c[1].Data, To = (byte*)c.Output.Data, Apart = apart };
        PoolKernel.Scatter(geometry, c[0].DType, c.Output.Data, body, c.Pool, covers, epilogue);
    }

    private unsafe struct Body : IPoolBody
    {
        public byte* Indices, By, To;

        /// <summary>Whether no two windows share a pixel: then nothing is added up.</summary>
        public bool Apart;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* to = To + window.Input * V.Size, by = By + window.Output * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size, indices = (nint)(Indices - By);
            for (int count = window.Count; count > 0; count--, to += window.Step * V.Size, by += next)
            {
                int left = lanes;
                nint at = 0;
                if (Apart && window.IsQuad)
                {
                    for (; left >= V.Count; left -= V.Count, at += bytes) Quad<V>(by + at, indices, to + at, next, below, V.Count);
                    if (left > 0) Quad<V>(by + at, indices, to + at, next, below, left);
                    continue;
                }
                for (; left > 0; left -= V.Count, at += bytes)
                {
                    V place = Lanes.Load<V>(by + at + indices, left), share = Lanes.Load<V>(by + at, left);
                    for (int i = 0; i < window.Rows; i++)
                        for (int j = 0; j < window.Columns; j++)
                        {
                            byte* pixel = to + at + i * below + j * next;
                            V here = V.Select(V.Equal(place, V.Of(i * window.Columns + j)), share, V.Of(0));
                            Lanes.Store(Apart ? here : Lanes.Load<V>(pixel, left) + here, pixel, left);
                        }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Quad<V>(byte* by, nint indices, byte* to, nint next, nint below, int left) where V : struct, ILanes<V>
        {
            V place = Lanes.Load<V>(by + indices, left), share = Lanes.Load<V>(by, left), zero = V.Of(0);
            Lanes.Store(V.Select(V.Equal(place, zero), share, zero), to, left);
            Lanes.Store(V.Select(V.Equal(place, V.Of(1)), share, zero), to + next, left);
            Lanes.Store(V.Select(V.Equal(place, V.Of(2)), share, zero), to + below, left);
            Lanes.Store(V.Select(V.Equal(place, V.Of(3)), share, zero), to + below + next, left);
        }
    }
}
