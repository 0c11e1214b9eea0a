using Xunit;

namespace Lamina.Tests;

internal static partial class RealData
{
    /// <summary>The path of a file or folder of real data, such as <c>images/mnist</c>; skips the calling test where it is absent.</summary>
    public static string Require(string name)
    {
        (string? path, string reason) = Find(name, Environment.GetEnvironmentVariable(Variable), AppContext.BaseDirectory);
        if (path is null) Assert.Skip(reason);
        return path;
    }
}
