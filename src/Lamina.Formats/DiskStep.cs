namespace Lamina.Formats;

/// <summary>
/// Where tests stop the process: called before each change that saving makes to the file system, so that a kill between any
/// two of them can be tried. Nothing listens outside of tests.
/// </summary>
internal static class DiskStep
{
    /// <summary>Called with what is about to be done and to which path, on the thread that does it.</summary>
    internal static Action<string, string>? Before { get; set; }

    internal static void Next(string what, string path) => Before?.Invoke(what, path);
}
