using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lamina.Cli.Commands;

/// <summary>Finds the first thing wrong with a command line, and says it better than the parser does.</summary>
internal static class UsageCheck
{
    /// <exception cref="UsageException">Something is wrong.</exception>
    public static void Require(ParseResult parsed, IReadOnlyList<string> typed)
    {
        Command command = parsed.CommandResult.Command;
        if (command is RootCommand) RequireCommand(parsed, command);
        RequireKnownOptions(parsed, typed, command);
        RequireFlagsAlone(typed, command);
        RequireValues(parsed, command);
        RequireArguments(parsed, command);
        if (parsed.Errors.Count > 0) throw new UsageException(parsed.Errors[0].Message.TrimEnd('.'), Name(command));
    }

    /// <summary>The command as it's typed: <c>lamina train</c>.</summary>
    public static string Name(Command command) => command is RootCommand ? "lamina" : $"lamina {command.Name}";

    private static void RequireCommand(ParseResult parsed, Command root)
    {
        Token? first = parsed.Tokens.FirstOrDefault(t => t.Type == TokenType.Argument);
        if (first is null) return;
        string typed = first.Value;
        if (!typed.StartsWith('-')) KnownCommand(root, typed);
        string option = Head(typed);
        if (root.Subcommands.FirstOrDefault(c => c.Options.Any(o => o.Name == option)) is { } owner)
            throw new UsageException($"{option} needs a command before it, such as lamina {owner.Name} {option}", "lamina");
    }

    /// <summary>The command of a name.</summary>
    /// <exception cref="UsageException">There is none; it says which was probably meant.</exception>
    public static Command KnownCommand(Command root, string typed)
    {
        string[] commands = [.. root.Subcommands.Select(c => c.Name)];
        return root.Subcommands.FirstOrDefault(c => c.Name == typed)
            ?? throw new UsageException($"unknown command {typed}{Synonyms.ForCommand(typed, commands)}", "lamina",
            $"the commands are {string.Join(", ", commands)}");
    }

    private static void RequireKnownOptions(ParseResult parsed, IReadOnlyList<string> typed, Command command)
    {
        Option? waiting = null;
        foreach (Token token in parsed.Tokens)
        {
            if (token.Type == TokenType.DoubleDash) return; // what follows are names, whatever they begin with
            // -1 may be an option's value, if a wrong one; what begins with two dashes is one behind an equals sign alone.
            bool isValue = waiting is not null && (!token.Value.StartsWith("--", StringComparison.Ordinal) || typed.Contains($"{waiting.Name}={token.Value}"));
            if (token.Type == TokenType.Argument && !isValue && token.Value is ['-', _, ..])
                throw waiting is not null && FindOption(command, Head(token.Value)) is not null ? NoValue(waiting, command)
                    : Unknown(Head(token.Value), command);
            waiting = token.Type == TokenType.Option ? FindOption(command, token.Value) is { Arity.MaximumNumberOfValues: > 0 } found ? found : null : null;
        }
    }

    // The parser would take the value for an argument.
    private static void RequireFlagsAlone(IReadOnlyList<string> typed, Command command)
    {
        foreach (string one in typed.TakeWhile(t => t != "--").Where(t => t.StartsWith("--", StringComparison.Ordinal) && t.Contains('=')))
            if (FindOption(command, Head(one)) is { Arity.MaximumNumberOfValues: 0 } flag)
                throw new UsageException($"{one}: {flag.Name} takes no value", Name(command));
    }

    private static UsageException Unknown(string typed, Command command) =>
        new($"unknown option {typed}{Synonyms.ForOption(typed, [.. OptionsOf(command).Where(o => !o.Hidden).Select(o => o.Name)], [.. command.Arguments.Select(a => a.Name)])}", Name(command));

    private static UsageException NoValue(Option option, Command command) =>
        new($"{option.Name} needs a value after it: {option.Name} {option.HelpName}", Name(command));

    private static void RequireValues(ParseResult parsed, Command command)
    {
        foreach (OptionResult result in parsed.CommandResult.Children.OfType<OptionResult>().Where(r => !r.Implicit))
        {
            Option option = result.Option;
            if (result.IdentifierTokenCount > 1 && option.Arity.MaximumNumberOfValues <= 1)
                throw new UsageException($"{option.Name} is given {result.IdentifierTokenCount} times", Name(command));
            if (option.Arity.MinimumNumberOfValues > result.Tokens.Count)
                throw NoValue(option, command);
        }
    }

    private static void RequireArguments(ParseResult parsed, Command command)
    {
        Argument[] missing = [.. command.Arguments.Where(a => (parsed.GetResult(a)?.Tokens.Count ?? 0) < a.Arity.MinimumNumberOfValues)];
        string form = string.Join(' ', command.Arguments.Select(Form).Prepend(Name(command)));
        if (missing.Length > 0)
            throw new UsageException($"{string.Join(" and ", missing.Select(a => a.Name))} {(missing.Length == 1 ? "is" : "are")} missing: {form}",
                Name(command));
        // What is done to an INPUT says what an empty one means.
        if (command.Arguments.FirstOrDefault(a => a.Name != VerbCommand.Input && parsed.GetResult(a)?.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value)) == true) is { } empty)
            throw new UsageException($"{empty.Name} is given as an empty name", Name(command));
        if (parsed.UnmatchedTokens.Count > 0) throw new UsageException($"unexpected argument {parsed.UnmatchedTokens[0]}: the form is {form}", Name(command));
    }

    // Two may be the files of a pair, which is one thing.
    private static string Form(Argument argument) => argument.Arity.MinimumNumberOfValues == 0
        ? argument.Arity.MaximumNumberOfValues > 2 ? $"[{argument.Name}…]" : $"[{argument.Name}]" : argument.Arity.MaximumNumberOfValues > 2
        ? $"{argument.Name}…" : argument.Name;

    private static string Head(string typed) => typed.Split('=')[0];

    private static Option? FindOption(Command command, string name) => OptionsOf(command).FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name));

    private static IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options.Where(o => o.Recursive)));
}
