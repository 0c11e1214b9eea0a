namespace Lamina.Cli.Commands;

/// <summary>What a command tells the shell.</summary>
internal static class ExitCodes
{
    public const int Done = 0, Failed = 1, WrongUsage = 2;

    /// <summary>128 + SIGINT, as shells expect of a program that was interrupted.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGPIPE, as shells expect of a program whose output nobody reads any more.</summary>
    public const int NobodyReads = 141;
}
