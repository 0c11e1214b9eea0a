using Xunit;

namespace Lamina.Architecture;

/// <summary>Kernels are compiled as a whole: one that is inlined somewhere loses its own budget for inlining, and ten times its speed.</summary>
public sealed class KernelTests
{
    [Fact]
    public void KernelsAreMarkedByJitKernel()
    {
        IEnumerable<string> others = Repository.Files("Lamina.Tensors").Where(file => Path.GetFileName(file) != "Jit.cs" && File.ReadAllText(file).Contains("MethodImplOptions.AggressiveOptimization"));
        Assert.Empty(others);
    }
}
