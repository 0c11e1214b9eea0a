using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>JIT options of hot loops.</summary>
internal static class Jit
{
    /// <summary>
    /// A kernel: compiled at its full speed the first time, and as a whole. Inlined into a caller that is compiled again
    /// later, it would share the caller's budget for inlining, and what it calls in its inner loop would become real calls.
    /// </summary>
    public const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
