using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Lamina.Generators;

/// <summary>Everything that the generator keeps of a module class: text, so that the compilation isn't held in memory.</summary>
/// <param name="FileName">The name of the generated file.</param>
/// <param name="Namespace">The namespace, or an empty string.</param>
/// <param name="Types">The class and the types around it, outermost first, as <c>class Linear&lt;T&gt;</c>.</param>
/// <param name="Accessibility"><c>protected internal</c> where the internals of Module's assembly are seen, <c>protected</c> elsewhere.</param>
/// <param name="Members">What is walked, in the order of declaration.</param>
/// <param name="Notes">What can be changed and is part of the fingerprint, in the order of declaration.</param>
/// <param name="Problems">What is wrong with the class.</param>
internal sealed record ModuleModel(
    string FileName, string Namespace, EquatableList<string> Types, string Accessibility, EquatableList<MemberModel> Members, EquatableList<NoteModel> Notes,
    EquatableList<Problem> Problems);

/// <summary>A member that is walked: its name in paths and the expression that reads it.</summary>
internal readonly record struct MemberModel(string Name, string Expression);

/// <summary>A member that can be changed: the expression that reads it, and whether it is a list whose elements can be.</summary>
internal readonly record struct NoteModel(string Expression, bool IsList);

/// <summary>A diagnostic without the objects of the compilation that it was found in.</summary>
internal readonly record struct Problem(string Id, string FilePath, TextSpan Span, LinePositionSpan Lines, EquatableList<string> Arguments)
{
    public static Problem At(Location location, DiagnosticDescriptor descriptor, params string[] arguments) =>
        new(descriptor.Id, location.SourceTree?.FilePath ?? "", location.SourceSpan, location.GetLineSpan().Span, new(arguments));

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Diagnostics.ById(Id), Location.Create(FilePath, Span, Lines), [.. Arguments]);
}
