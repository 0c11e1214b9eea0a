namespace Lamina.Bench;

/// <summary>Something that the benchmark needs is missing or failed; the message says what, and the way out where there is one.</summary>
internal sealed class BenchException(string message) : Exception(message);
