using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, y, dy) → dx: the gradient of <see cref="MaxPool2d"/>. Each window's dy goes to the first of its pixels that is not
/// less than its y (so to the window's first where y is NaN).
/// </summary>
public sealed record MaxPool2dGradient : Pool2d, ITakesEpilogue
{
    public override string Name => "max_pool2d_gradient";

    internal static MaxPool2dGradient Of(Pool2d p) => new()
    {
        KernelHeight = p.KernelHeight, KernelWidth = p.KernelWidth, StrideHeight = p.StrideHeight, StrideWidth = p.StrideWidth,
        PadTop = p.PadTop, PadLeft = p.PadLeft, PadBottom = p.PadBottom, PadRight = p.PadRight,
    };

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Shape pooled = Pooled(x[0]);
        Require(x, 1, pooled);
        Require(x, 2, pooled);
        return x[0];
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[x[0].Count];
        Walk(x[0].Shape, x[1].Shape, (place, pixels) => values[pixels.First(p => !(x[0].Element(p) < x[1].Element(place)))] += x[2].Element(place));
        return Tensor.FromDoubles(values, x[0].Spec);
    }

    // Which pixel is the greatest doesn't change near x, so only dy has a gradient.
    public override Grads Gradient(in GradCall g) => [null, null, g.Wants(2) ? MaxPool2dPick.Of(this).Apply(g[0], g[1], g.By) : null];

    public override void Run(in CpuCall c) => Run(c, null);

    void ITakesEpilogue.Run(in CpuCall c, BlockEpilogue epilogue) => Run(c, epilogue);

    private unsafe void Run(in CpuCall c, BlockEpilogue? epilogue)
    {
        PoolGeometry geometry = Geometry(c[0].Shape, c[1].Shape);
        bool apart = StrideHeight >= KernelHeight && StrideWidth >= KernelWidth, side = StrideHeight <= KernelHeight && StrideWidth <= KernelWidth;
        bool covers = apart && side && geometry.OutHeight * StrideHeight - PadTop >= geometry.Height && geometry.OutWidth * StrideWidth - PadLeft >= geometry.Width;
        var body = new Body { X = (byte*)c[0].Data, Y = (byte*)c[1].Data, By = (byte*)c[2].Data, To = (byte*)c.Output.Data, Apart = apart };
        PoolKernel.Scatter(geometry, c[0].DType, c.Output.Data, body, c.Pool, covers, epilogue);
    }

    private unsafe struct Body : IPoolBody
    {
        public byte* X, Y, By, To;

        /// <summary>Whether no two windows share a pixel: then nothing is added up.</summary>
        public bool Apart;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* x = X + window.Input * V.Size, to = To + window.Input * V.Size, y = Y + window.Output * V.Size, by = By + window.Output * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size;
            V zero = V.Of(0);
            for (int left = lanes; left > 0; left -= V.Count, x += bytes, to += bytes, y += bytes, by += bytes)
            {
                V best = Lanes.Load<V>(y, left), rest = Lanes.Load<V>(by, left);
                if (Apart && window.Rows == 2 && window.Columns == 2)
                {
                    rest = Give(x, best, rest, to, left);
                    rest = Give(x + next, best, rest, to + next, left);
                    rest = Give(x + below, best, rest, to + below, left);
                    Give(x + below + next, best, rest, to + below + next, left);
                    continue;
                }
                for (int i = 0; i < window.Rows; i++)
                    for (int j = 0; j < window.Columns; j++)
                    {
                        nint at = i * below + j * next;
                        V less = V.Less(Lanes.Load<V>(x + at, left), best);
                        V share = V.Select(less, zero, rest);
                        Lanes.Store(Apart ? share : Lanes.Load<V>(to + at, left) + share, to + at, left);
                        // Given away: nothing is left for the pixels that follow.
                        rest = V.Select(less, rest, zero);
                    }
            }
        }

        /// <summary>What is left to give goes to this pixel where it is not less; what then is left.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Give<V>(byte* x, V best, V rest, byte* to, int left) where V : struct, ILanes<V>
        {
            V less = V.Less(Lanes.Load<V>(x, left), best);
            Lanes.Store(V.Select(less, V.Of(0), rest), to, left);
            return V.Select(less, rest, V.Of(0));
        }
    }
}
