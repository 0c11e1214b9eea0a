using Microsoft.CodeAnalysis;

namespace Lamina.Generators;

/// <summary>What the generator refuses, or warns of: each would leave a parameter untrained or unsaved without a word.</summary>
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

    // A warning: a module that is never saved needs no options.
    public static readonly DiagnosticDescriptor NotSaved = new(
        "LAMINA005",
        "A module's parameter can't be saved",
        "'{0}' of '{1}' can't be saved in a model file: {2}",
        "Lamina.Modules",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Model.Save writes a module's options and Model.Load makes it again from them. A constructor's parameter is read back from a field or property of the same name, so each needs one of a type that can be saved: numbers, texts, truth values, enums, modules, records of them, lists and dictionaries.");

    private static readonly DiagnosticDescriptor[] s_all = [NotPartial, NotWalkable, SameName, ChangesUnseen, NotSaved];

    public static DiagnosticDescriptor ById(string id) => s_all.First(rule => rule.Id == id);

    private static DiagnosticDescriptor Error(string id, string title, string message, string help) =>
        new(id, title, message, "Lamina.Modules", DiagnosticSeverity.Error, isEnabledByDefault: true, help);
}
