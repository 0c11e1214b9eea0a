namespace Lamina.Cli.Commands;

/// <summary>The job was stopped by a signal before it had a result; the message says what is left of it.</summary>
internal sealed class InterruptedException(string message) : Exception(message);
