using Lamina.Tensors.Plans;
using Xunit;

namespace Lamina.Tensors.Tests.Plans;

public class WarmUpTests
{
    // In a program a failure is swallowed, so it has to show here.
    [Fact]
    public void Every_kernel_takes_what_it_is_given() => WarmUp.Kernels();
}
