using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>Random float32 values of the standard normal distribution (Box and Muller, 1958): two words give two values.</summary>
public sealed record RandomNormal : RandomFill
{
    private const double Half = 0.5, WordShare = 1.0 / (1L << 32), Turn = 2 * Math.PI;

    public override string Name => "random_normal";

    public override Tensors Define(Tensors x)
    {
        var values = new double[Shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            uint[] words = Block(x[0], i / Philox.Words);
            int pair = i % Philox.Words / 2 * 2;
            // In (0, 1], and the angle from −π on: both are rounded to float32, as in the kernel.
            double first = (float)((words[pair] + Half) * WordShare), radius = Math.Sqrt(-2 * Math.Log(first)),
                angle = Turn * (Philox.Unit(words[pair + 1]) - Half);
            values[i] = radius * (i % 2 == 0 ? Math.Cos(angle) : Math.Sin(angle));
        }
        return Tensor.FromDoubles(values, Infer(x.Specs)[0]);
    }

    public override void Run(in CpuCall c) => Run<Draw>(c);

    private readonly struct Draw : IDraw
    {
        public static unsafe void Make(uint* words)
        {
            const int Pairs = Tile / 2;
            float* first = stackalloc float[Pairs], second = stackalloc float[Pairs];
            for (int i = 0; i < Pairs; i++)
            {
                first[i] = (float)((words[2 * i] + Half) * WordShare);
                second[i] = Philox.Unit(words[2 * i + 1]) - 0.5f;
            }
            switch (Tiers.Current)
            {
                case Tier.Vector512: Turned<F512>(first, second, Pairs); break;
                case Tier.Vector256: Turned<F256>(first, second, Pairs); break;
                default: Turned<F128>(first, second, Pairs); break;
            }
            for (int i = 0; i < Pairs; i++)
            {
                ((float*)words)[2 * i] = first[i];
                ((float*)words)[2 * i + 1] = second[i];
            }
        }

        [MethodImpl(Jit.Kernel)]
        private static unsafe void Turned<V>(float* first, float* second, int count) where V : struct, ILanes<V>
        {
            for (int i = 0; i < count; i += V.Count)
            {
                V radius = V.Sqrt(V.Of(-2) * V.Log(V.Load(first + i))), angle = V.Of(Turn) * V.Load(second + i);
                V.Store(radius * V.Cos(angle), first + i);
                V.Store(radius * V.Sin(angle), second + i);
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor)
    {
        /// <summary>Random float32 values of the standard normal distribution, by a key (seed, step) and a stream of their own.</summary>
        public static Tensor RandomNormal(Shape shape, Tensor key, int stream) => new RandomNormal { Shape = shape, Stream = stream }.Apply(key);
    }
}
