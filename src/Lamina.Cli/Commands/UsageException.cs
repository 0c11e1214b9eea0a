namespace Lamina.Cli.Commands;

/// <summary>A command line that can't be understood. The message names what was typed and what is accepted.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="command">The command whose help tells more, such as <c>lamina train</c>.</param>
/// <param name="more">A further line.</param>
internal sealed class UsageException(string problem, string command, string? more = null)
    : Exception($"{problem}\n{(more is null ? "" : more + "\n")}see {command} --help");
