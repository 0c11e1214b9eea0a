using Microsoft.CodeAnalysis;

namespace Lamina.Generators;

/// <summary>Whether a member that holds no variables can be changed after its module was made, so that a recorded step could go stale.</summary>
internal static class Changing
{
    /// <summary>Null where it can't be changed or isn't looked at; true for a list or array, whose elements can be.</summary>
    public static bool? Of(ISymbol member, ITypeSymbol type)
    {
        if (Element(type) is { } element) return IsPlain(element) ? true : IsAssignable(member) ? false : null;
        return IsAssignable(member) && (type.IsReferenceType || IsPlain(type)) ? false : null;
    }

    private static bool IsAssignable(ISymbol member) => member switch
    {
        IFieldSymbol field => !field.IsReadOnly && !field.IsConst,
        IPropertySymbol { SetMethod: { IsInitOnly: false } } => true,
        _ => false,
    };

    // What can be written to in place; an IReadOnlyList is taken at its word.
    private static ITypeSymbol? Element(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => array.ElementType,
        INamedTypeSymbol { Name: "List" or "IList", TypeArguments: { Length: 1 } arguments } => arguments[0],
        _ => null,
    };

    // Types whose hash is quick and takes no memory.
    private static bool IsPlain(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum || type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String
        || type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: { Length: 1 } inner } && IsPlain(inner[0])
        || type.IsValueType && type.AllInterfaces.Any(i => i.Name == "IEquatable");
}
