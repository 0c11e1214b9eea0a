using System.Runtime.Intrinsics;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>The vector width that kernels run at.</summary>
public enum Tier
{
    /// <summary>128-bit vectors: SSE, Neon, and the portable fallback.</summary>
    Vector128,
    /// <summary>256-bit vectors: AVX2.</summary>
    Vector256,
    /// <summary>512-bit vectors: AVX-512.</summary>
    Vector512,
}

/// <summary>Vector width of this machine, and the switch that tests force a tier with.</summary>
public static class Tiers
{
    /// <summary>The environment variable that lowers the tier: <c>128</c>, <c>256</c> or <c>512</c>.</summary>
    public const string Variable = "LAMINA_TIER";

    /// <summary>The widest tier that this machine accelerates.</summary>
    public static Tier Widest { get; } =
        Vector512.IsHardwareAccelerated ? Tier.Vector512 :
        Vector256.IsHardwareAccelerated ? Tier.Vector256 : Tier.Vector128;

    /// <summary>The tier in use: the widest, unless <see cref="Variable"/> or <see cref="Force"/> lowers it.</summary>
    public static Tier Current { get; private set; } = Lowered(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Forces a tier, for tests; null goes back to the default. A tier that the machine lacks is lowered to its widest.</summary>
    internal static void Force(Tier? tier) => Current = tier is { } t && t < Widest ? t : tier is null ? Lowered(Environment.GetEnvironmentVariable(Variable))
        : Widest;

    private static Tier Lowered(string? text) => text switch
    {
        "128" => Tier.Vector128,
        "256" when Widest > Tier.Vector256 => Tier.Vector256,
        _ => Widest,
    };
}
