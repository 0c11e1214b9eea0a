namespace Lamina.Generators;

/// <summary>What the generator keeps of a class that can be saved and made again: text, so that the compilation isn't held in memory.</summary>
/// <param name="FileName">The name of the generated file.</param>
/// <param name="Namespace">The namespace, or an empty string.</param>
/// <param name="Types">The class and the types around it, outermost first, as <c>class Linear</c>.</param>
/// <param name="Type">The class's full name in code.</param>
/// <param name="Name">The name in files.</param>
/// <param name="Describe">Statements that write its options.</param>
/// <param name="Create">Statements that make it again.</param>
/// <param name="Register">The statement that registers it, for code outside of the types around it.</param>
/// <param name="IsByHand">Whether the author wrote the description, so that it is only registered.</param>
/// <param name="Problems">What is wrong with it; where there is something, it is not described.</param>
internal sealed record SavedModel(
    string FileName, string Namespace, EquatableList<string> Types, string Type, string Name, EquatableList<string> Describe, EquatableList<string> Create,
    string Register, bool IsByHand, EquatableList<Problem> Problems);
