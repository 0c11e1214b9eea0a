using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>The body of a parallel region, written once for every vector width.</summary>
internal interface IVectorRegion
{
    /// <summary>Does units <paramref name="begin"/> to <paramref name="end"/> (exclusive).</summary>
    void Run<V>(int begin, int end) where V : struct, ILanes<V>;
}

/// <summary>Runs regions over lanes: float32 in the vector width of the tier, float64 one by one.</summary>
internal static class VectorRegion
{
    /// <summary>
    /// Runs <paramref name="body"/> over all units in chunks of <paramref name="grain"/>; where only <paramref name="width"/> numbers lie side by
    /// side, in no wider vectors than they fill.
    /// </summary>
    public static void For<B>(CpuPool pool, DType type, int units, long grain, B body, int width = int.MaxValue) where B : struct, IVectorRegion
    {
        Tier tier = Tiers.Current;
        if (tier == Tier.Vector512 && width <= F256.Count) tier = Tier.Vector256;
        var region = new Region<B> { Body = body, Type = type, Tier = tier };
        pool.For(units, (int)Math.Clamp(grain, 1, 1 << 20), ref region);
    }

    private struct Region<B> : IRegion where B : struct, IVectorRegion
    {
        public B Body;
        public DType Type;
        public Tier Tier;

        public void Run(int begin, int end)
        {
            if (Type == DType.Float64) { Body.Run<D64>(begin, end); return; }
            switch (Tier)
            {
                case Tier.Vector512: Body.Run<F512>(begin, end); break;
                case Tier.Vector256: Body.Run<F256>(begin, end); break;
                default: Body.Run<F128>(begin, end); break;
            }
        }
    }
}
