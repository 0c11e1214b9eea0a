using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, y, v) → of each window of v, the pixel at which x is the greatest, y: what <see cref="MaxPool2dGradient"/> does, the
/// other way round.
/// </summary>
public sealed record MaxPool2dPick : Pool2d
{
    public override string Name => "max_pool2d_pick";

    internal static MaxPool2dPick Of(Pool2d p) => new()
    {
        KernelHeight = p.KernelHeight, KernelWidth = p.KernelWidth, StrideHeight = p.StrideHeight, StrideWidth = p.StrideWidth,
        PadTop = p.PadTop, PadLeft = p.PadLeft, PadBottom = p.PadBottom, PadRight = p.PadRight,
    };

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Require(x, 1, Pooled(x[0]));
        Require(x, 2, x[0].Shape);
        return x[1];
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[x[1].Count];
        Walk(x[0].Shape, x[1].Shape, (place, pixels) => values[place] = x[2].Element(pixels.First(p => !(x[0].Element(p) < x[1].Element(place)))));
        return Tensor.FromDoubles(values, x[1].Spec);
    }

    public override Grads Gradient(in GradCall g) => [null, null, g.Wants(2) ? MaxPool2dGradient.Of(this).Apply(g[0], g[1], g.By) : null];

    public override unsafe void Run(in CpuCall c) => PoolKernel.Gather(Geometry(c[0].Shape, c[1].Shape), c[0].DType,
        new Body { X = (byte*)c[0].Data, Y = (byte*)c[1].Data, From = (byte*)c[2].Data, To = (byte*)c.Output.Data }, c.Pool);

    private unsafe struct Body : IPoolBody
    {
        public byte* X, Y, From, To;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* x = X + window.Input * V.Size, from = From + window.Input * V.Size, y = Y + window.Output * V.Size, to = To + window.Output * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size;
            for (int left = lanes; left > 0; left -= V.Count, x += bytes, from += bytes, y += bytes, to += bytes)
            {
                V best = Lanes.Load<V>(y, left), picked = V.Of(0), open = V.Equal(picked, picked);
                for (int i = 0; i < window.Rows; i++)
                    for (int j = 0; j < window.Columns; j++)
                    {
                        nint at = i * below + j * next;
                        V less = V.Less(Lanes.Load<V>(x + at, left), best);
                        picked = V.Select(V.And(open, V.Not(less)), Lanes.Load<V>(from + at, left), picked);
                        open = V.And(open, less);
                    }
                Lanes.Store(picked, to, left);
            }
        }
    }
}
