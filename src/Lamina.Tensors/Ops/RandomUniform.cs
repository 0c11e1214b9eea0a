using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Random float32 values, evenly distributed over [0, 1) in steps of 2⁻²⁴.</summary>
public sealed record RandomUniform : RandomFill
{
    public override string Name => "random_uniform";

    public override Tensors Define(Tensors x)
    {
        var values = new double[Shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = Philox.Unit(Block(x[0], i / Philox.Words)[i % Philox.Words]);
        return Tensor.FromDoubles(values, Infer(x.Specs)[0]);
    }

    public override void Run(in CpuCall c) => Run<Draw>(c);

    private readonly struct Draw : IDraw
    {
        [MethodImpl(Jit.Kernel)]
        public static unsafe void Make(uint* words)
        {
            for (int i = 0; i < Tile; i += Vector256<uint>.Count)
            {
                Vector256<float> whole = Vector256.ConvertToSingle((Vector256.Load(words + i) >>> 8).AsInt32());
                (whole * Vector256.Create(1f / (1 << 24))).Store((float*)words + i);
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <summary>Random float32 values in [0, 1), by a key (seed, step) and a stream of their own.</summary>
        public static Tensor RandomUniform(Shape shape, Tensor key, int stream) => new RandomUniform { Shape = shape, Stream = stream }.Apply(key);
    }
}
