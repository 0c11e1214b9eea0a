using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Running totals along an axis, each with its own value included; floats are added up in double precision.</summary>
public sealed record CumSum : AxisOp
{
    private const int Columns = 64, Grain = 16 * 1024;

    public override string Name => "cumsum";

    /// <summary>Whether the totals run from the last value to the first.</summary>
    public bool Reverse { get; init; }

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        RequireAxis(x[0].Shape);
        RequireNumber(x[0].DType);
        return x[0];
    }

    public override Tensors Define(Tensors x)
    {
        (int outer, int length, int inner) = Extent(x[0].Shape);
        var values = new double[x[0].Count];
        for (int line = 0; line < outer * inner; line++)
        {
            double total = 0;
            for (int k = 0; k < length; k++)
            {
                int at = (line / inner * length + (Reverse ? length - 1 - k : k)) * inner + line % inner;
                values[at] = total += x[0].Element(at);
            }
        }
        return Tensor.FromDoubles(values, x[0].Spec);
    }

    public override Grads Gradient(in GradCall g) => (this with { Reverse = !Reverse }).Apply(g.By);

    public override void Run(in CpuCall c)
    {
        switch (c[0].DType)
        {
            case DType.Float32: Run<float, double>(c); break;
            case DType.Float64: Run<double, double>(c); break;
            case DType.Int32: Run<int, int>(c); break;
            case DType.Int64: Run<long, long>(c); break;
            default: Run<byte, byte>(c); break;
        }
    }

    private unsafe void Run<T, S>(in CpuCall c) where T : unmanaged, INumber<T> where S : unmanaged, INumber<S>
    {
        (int outer, int length, int inner) = Extent(c[0].Shape);
        if (c[0].Count == 0) return;
        var region = new Strip<T, S> { From = (T*)c[0].Data, To = (T*)c.Output.Data, Length = length, Inner = inner, Reverse = Reverse };
        c.Pool.For(outer * region.Strips, Grain / Math.Max(1, length * Math.Min(inner, Columns)), ref region);
    }

    /// <summary>Totals of up to 64 neighbouring lines, row by row.</summary>
    private unsafe struct Strip<T, S> : IRegion where T : unmanaged, INumber<T> where S : unmanaged, INumber<S>
    {
        public T* From, To;
        public int Length, Inner;
        public bool Reverse;

        public readonly int Strips => (Inner + Columns - 1) / Columns;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run(int begin, int end)
        {
            S* totals = stackalloc S[Columns];
            for (int unit = begin; unit < end; unit++)
            {
                int column = unit % Strips * Columns, width = Math.Min(Columns, Inner - column);
                nint at = (nint)(unit / Strips) * Length * Inner + column, step = Reverse ? -Inner : Inner;
                if (Reverse) at += (nint)(Length - 1) * Inner;
                new Span<S>(totals, width).Clear();
                for (int k = 0; k < Length; k++, at += step)
                    for (int j = 0; j < width; j++)
                        To[at + j] = T.CreateTruncating(totals[j] += S.CreateTruncating(From[at + j]));
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.CumSum"/>
        public Tensor CumSum(int axis, bool reverse = false) => new CumSum { Axis = x.Shape.Axis(axis, "cumsum"), Reverse = reverse }.Apply(x);
    }
}
