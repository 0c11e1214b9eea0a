namespace Lamina.Bench.Peers;

/// <summary>The checkout that the benchmark was built in: the peer and the examples are built from it.</summary>
internal static class Checkout
{
    /// <exception cref="BenchException">The benchmark runs outside of one.</exception>
    public static string Root
    {
        get
        {
            foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
                for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
                    if (File.Exists(Path.Combine(folder.FullName, "Lamina.slnx"))) return folder.FullName;
            throw new BenchException("the benchmark runs outside of a checkout, where there is no peer to build");
        }
    }
}
