using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Maps;

/// <summary>Runs a function over a tile in the vector width of the tier.</summary>
internal static unsafe class VectorLoops
{
    public static void Unary<F>(in Tile t, F f) where F : struct, IUnary
    {
        if (t.Type == DType.Float64) { Loop1<F, D64>(f, t); return; }
        switch (Tiers.Current)
        {
            case Tier.Vector512: Loop1<F, F512>(f, t); break;
            case Tier.Vector256: Loop1<F, F256>(f, t); break;
            default: Loop1<F, F128>(f, t); break;
        }
    }

    public static void Binary<F>(in Tile t, F f) where F : struct, IBinary
    {
        if (t.Type == DType.Float64) { Loop2<F, D64>(f, t); return; }
        switch (Tiers.Current)
        {
            case Tier.Vector512: Loop2<F, F512>(f, t); break;
            case Tier.Vector256: Loop2<F, F256>(f, t); break;
            default: Loop2<F, F128>(f, t); break;
        }
    }

    [MethodImpl(Jit.Kernel)]
    private static void Loop1<F, V>(F f, in Tile t) where F : struct, IUnary where V : struct, ILanes<V>
    {
        byte* x = (byte*)t.A, y = (byte*)t.Result;
        int count = t.Count, bytes = V.Count * V.Size, i = 0;
        bool streams = t.StreamsTo(y);
        for (; i <= count - V.Count; i += V.Count, x += bytes, y += bytes) Lanes.Store(f.Apply(V.Load(x)), y, V.Count, streams);
        if (i < count) V.StorePart(f.Apply(V.LoadPart(x, count - i)), y, count - i);
    }

    [MethodImpl(Jit.Kernel)]
    private static void Loop2<F, V>(F f, in Tile t) where F : struct, IBinary where V : struct, ILanes<V>
    {
        byte* x = (byte*)t.A, y = (byte*)t.B, z = (byte*)t.Result;
        int count = t.Count, bytes = V.Count * V.Size, i = 0;
        // A scalar is read again for every vector.
        nint stepX = (t.Scalars & 1) != 0 ? 0 : bytes, stepY = (t.Scalars & 2) != 0 ? 0 : bytes;
        bool streams = t.StreamsTo(z);
        for (; i <= count - V.Count; i += V.Count, x += stepX, y += stepY, z += bytes) Lanes.Store(f.Apply(V.Load(x), V.Load(y)), z, V.Count, streams);
        if (i < count) V.StorePart(f.Apply(V.LoadPart(x, count - i), V.LoadPart(y, count - i)), z, count - i);
    }
}
