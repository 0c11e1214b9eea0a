using Microsoft.CodeAnalysis;

namespace Lamina.Generators;

/// <summary>What the generator refuses: each would leave a parameter untrained and unsaved without a word.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        "LAMINA001",
        "A module with parameters must be partial",
        "'{0}' holds variables or modules, so '{1}' must be partial: write 'partial class {1}'",
        "The generator writes Walk into a module's class, so that its parameters are trained and saved. It can only do that where the class, and every type around it, is partial.");

    public static readonly DiagnosticDescriptor NotWalkable = Error(
        "LAMINA002",
        "A member holds variables or modules where they can't be found",
        "'{0}' of type '{1}' may hold variables or modules that would be neither trained nor saved; hold them in {2}",
        "A module is walked through its properties and fields of a variable's or module's type, lists and arrays of them, and dictionaries with string keys. What is held in another way (nested lists, tuples, other keys, object, delegates, classes that are no modules, captured constructor parameters) would be missed.");

    public static readonly DiagnosticDescriptor SameName = Error(
        "LAMINA003",
        "Two members have the same name in paths",
        "'{0}' and '{1}' are both named '{2}' in parameter paths; rename one",
        "Paths name parameters in saved files. They are the members' names in camel case without leading underscores, so members that differ in nothing else collide.");

    public static readonly DiagnosticDescriptor ChangesUnseen = Error(
        "LAMINA004",
        "A module whose fields can be changed must be partial",
        "'{0}' of '{1}' can be changed, which a recorded training step would not see: write 'partial class {1}', or make '{0}' readonly",
        "A trainer records a step once and replays it. The generator writes into partial module classes which fields can be changed, so that a change is seen and the step recorded again.");

    public static DiagnosticDescriptor ById(string id) =>
        id == NotPartial.Id ? NotPartial : id == NotWalkable.Id ? NotWalkable : id == SameName.Id ? SameName : ChangesUnseen;

    private static DiagnosticDescriptor Error(string id, string title, string message, string help) =>
        new(id, title, message, "Lamina.Modules", DiagnosticSeverity.Error, isEnabledByDefault: true, help);
}
