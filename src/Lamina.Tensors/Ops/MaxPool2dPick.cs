using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>(indices, v) → of each window of v, the pixel at its place: what <see cref="MaxPool2dGradient"/> does, the other way round.</summary>
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
        RequireOperands(x, 2);
        Require(x, 0, x[1], Pooled(x[1]));
        return x[0];
    }

    public override Tensors Define(Tensors x)
    {
        var values = new double[x[0].Count];
        Walk(x[1].Shape, x[0].Shape, (place, pixels) =>
        {
            for (int i = 0; i < pixels.Length; i++)
                if (x[0].Element(place) == i) values[place] = x[1].Element(pixels[i]);
        });
        return Tensor.FromDoubles(values, x[0].Spec);
    }

    public override Grads Gradient(in GradCall g) => [null, g.Wants(1) ? MaxPool2dGradient.Of(this, g[1].Shape).Apply(g[0], g.By) : null];

    public override unsafe void Run(in CpuCall c) => PoolKernel.Gather(Geometry(c[1].Shape, c[0].Shape), c[0].DType,
        new Body { Indices = (byte*)c[0].Data, From = (byte*)c[1].Data, To = (byte*)c.Output.Data }, c.Pool);

    private unsafe struct Body : IPoolBody
    {
        public byte* Indices, From, To;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V>(in PoolWindow window, int channels, int pitch, int lanes) where V : struct, ILanes<V>
        {
            byte* from = From + window.Input * V.Size, indices = Indices + window.Output * V.Size, to = To + window.Output * V.Size;
            nint next = channels * V.Size, below = (nint)pitch * V.Size, bytes = V.Count * V.Size;
            for (int count = window.Count; count > 0; count--, from += window.Step * V.Size, indices += next, to += next)
            {
                nint at = 0;
                for (int left = lanes; left > 0; left -= V.Count, at += bytes)
                {
                    V place = Lanes.Load<V>(indices + at, left), picked = V.Of(0);
                    for (int i = 0; i < window.Rows; i++)
                        for (int j = 0; j < window.Columns; j++)
                            picked = V.Select(V.Equal(place, V.Of(i * window.Columns + j)), Lanes.Load<V>(from + at + i * below + j * next, left), picked);
                    Lanes.Store(picked, to + at, left);
                }
            }
        }
    }
}
