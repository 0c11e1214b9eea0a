using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

/// <summary>The check that every refusal gets: that it's typed, and says where, what, and the way out.</summary>
internal static class Refused
{
    /// <param name="path">What is opened.</param>
    /// <param name="names">The file or folder that the message must begin with.</param>
    /// <param name="problem">What the message must say.</param>
    /// <param name="remedy">What its last line must say to try.</param>
    internal static DataException Open(string path, string names, string problem, string remedy, ImageReadOptions? options = null)
    {
        DataException e = Assert.Throws<DataException>(
            () => ImageSource.Open(path, options, cancel: TestContext.Current.CancellationToken));
        Assert.StartsWith(names + ": ", e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Problem, StringComparison.Ordinal);
        Assert.Contains(remedy, e.Remedy, StringComparison.Ordinal);
        Assert.EndsWith("\n  try " + e.Remedy, e.Message, StringComparison.Ordinal);
        return e;
    }
}
