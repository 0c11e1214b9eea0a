namespace Lamina.Bench;

/// <summary>Something that the benchmark needs is missing or failed; the message says what, and the way out where there is one.</summary>
internal sealed class BenchException(string message) : Exception(message)
{
    /// <summary>What to say of an exception: one that nobody foresaw is named.</summary>
    public static string Text(Exception e) => e is BenchException ? e.Message : $"{e.GetType().Name}: {e.Message}";
}
