using System.Numerics;
using Lamina.Tensors.Engines.Cpu;

namespace Lamina.Tensors.Ops;

/// <summary>The index of the maximum along an axis (int64): the first of equals; the first NaN where there is one.</summary>
public sealed record ArgMax : ArgReduction
{
    public override string Name => "argmax";

    public override Tensors Define(Tensors x) => Define<P>(x);

    public override void Run(in CpuCall c) => Run<P>(c);

    private readonly struct P : IPrefer
    {
        public static bool Better<T>(T x, T than) where T : unmanaged, INumber<T> => x > than;
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.ArgMax"/>
        public Tensor ArgMax(int axis = -1, bool keepDims = false) => new ArgMax { Axis = x.Shape.Axis(axis, "argmax"), KeepDims = keepDims }.Apply(x);
    }
}
