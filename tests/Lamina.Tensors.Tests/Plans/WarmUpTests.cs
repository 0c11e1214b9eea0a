using System.Runtime;
using Lamina.Tensors.Plans;
using Xunit;

namespace Lamina.Tensors.Tests.Plans;

public class WarmUpTests
{
    // In a program a failure is swallowed, so it has to show here.
    [Fact]
    public void Every_kernel_takes_what_it_is_given() => WarmUp.Kernels();

    [Fact]
    public void Kernels_that_were_called_are_compiled()
    {
        WarmUp.Kernels();
        long before = JitInfo.GetCompiledMethodCount(currentThread: true);
        WarmUp.Kernels();
        Assert.True(JitInfo.GetCompiledMethodCount(currentThread: true) - before < 5, "a second call compiles next to nothing");
    }
}
