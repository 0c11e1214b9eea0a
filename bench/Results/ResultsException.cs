namespace Lamina.Results;

/// <summary>A row can't be measured; the message says why.</summary>
internal sealed class ResultsException(string message) : Exception(message);
