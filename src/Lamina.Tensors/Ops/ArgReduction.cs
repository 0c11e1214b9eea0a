using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Which of two values comes first.</summary>
internal interface IPrefer
{
    static abstract bool Better<T>(T x, T than) where T : unmanaged, INumber<T>;
}

/// <summary>An op that gives the index (int64) of one value along an axis: the first of equals; the first NaN where there is one.</summary>
public abstract record ArgReduction : AxisOp
{
    private const int Grain = 16 * 1024;

    /// <summary>Whether the axis stays, with size 1.</summary>
    public bool KeepDims { get; init; }

    public sealed override bool IsDifferentiable => false;

    public sealed override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        Shape shape = x[0].Shape;
        RequireAxis(shape);
        RequireNumber(x[0].DType);
        if (shape[Axis] == 0) Refuse($"axis {Axis} of {shape} is empty: no index can be given");
        return new Spec(DType.Int64, KeepDims ? shape.With(Axis, 1) : shape.Without(Axis));
    }

    private protected Tensors Define<P>(Tensors x) where P : struct, IPrefer
    {
        (int outer, int length, int inner) = Extent(x[0].Shape);
        var best = new long[outer * inner];
        for (int line = 0; line < best.Length; line++)
        {
            double At(long k) => x[0].Element((line / inner * length + (int)k) * inner + line % inner);
            for (int k = 1; k < length && !double.IsNaN(At(best[line])); k++)
                if (double.IsNaN(At(k)) || P.Better(At(k), At(best[line]))) best[line] = k;
        }
        return Tensor.From(best, Infer(x.Specs)[0].Shape);
    }

    private protected void Run<P>(in CpuCall c) where P : struct, IPrefer
    {
        switch (c[0].DType)
        {
            case DType.Float32: Run<P, float>(c); break;
            case DType.Float64: Run<P, double>(c); break;
            case DType.Int32: Run<P, int>(c); break;
            case DType.Int64: Run<P, long>(c); break;
            default: Run<P, byte>(c); break;
        }
    }

    private unsafe void Run<P, T>(in CpuCall c) where P : struct, IPrefer where T : unmanaged, INumber<T>
    {
        (int outer, int length, int inner) = Extent(c[0].Shape);
        var region = new Lines<P, T> { From = (T*)c[0].Data, To = (long*)c.Output.Data, Length = length, Inner = inner };
        c.Pool.For(outer * inner, Grain / length, ref region);
    }

    private unsafe struct Lines<P, T> : IRegion where P : struct, IPrefer where T : unmanaged, INumber<T>
    {
        public T* From;
        public long* To;
        public int Length, Inner;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run(int begin, int end)
        {
            int length = Length, inner = Inner;
            for (int line = begin; line < end; line++)
            {
                T* x = From + (nint)(line / inner) * length * inner + line % inner;
                T best = *x;
                int at = 0;
                for (int k = 1; k < length && !T.IsNaN(best); k++)
                {
                    T value = x[(nint)k * inner];
                    if (!P.Better(value, best) && !T.IsNaN(value)) continue;
                    best = value;
                    at = k;
                }
                To[line] = at;
            }
        }
    }
}
