using Microsoft.CodeAnalysis;

namespace Lamina.Generators;

/// <summary>Whether a member's type holds variables or modules.</summary>
internal enum HoldingKind
{
    Nothing,
    Walkable,
    Unwalkable,
}

/// <summary>What a member's type holds, and how: the rules of what is walked.</summary>
/// <param name="Kind">Whether it holds something, and whether that can be walked.</param>
/// <param name="NeedsCast">The type to cast to where a module is a collection too, so that ModuleWalk.Add is unambiguous.</param>
/// <param name="WayOut">For what can't be walked: what to use instead.</param>
internal readonly record struct Holding(HoldingKind Kind, string? NeedsCast = null, string WayOut = "")
{
    private const string VariableName = "Lamina.Tensors.Variable", ModuleName = "Lamina.Learning.Modules.Module";
    private const string Collections = "a List, an array or a Dictionary with string keys";

    public static bool IsModule(ITypeSymbol type) => DerivesFrom(type, ModuleName) && !IsModuleItself(type);

    public static bool IsModuleItself(ITypeSymbol type) => type.ToDisplayString() == ModuleName;

    public static Holding Of(ITypeSymbol type, IAssemblySymbol home)
    {
        if (Held(type) is { } held)
            return new(HoldingKind.Walkable, Interfaces(type).Any(i => IsEnumerable(i, out _)) ? "global::" + held : null);
        foreach (INamedTypeSymbol face in Interfaces(type))
            if (IsEnumerable(face, out ITypeSymbol element) && (Held(element) is not null || IsNamed(element, out ITypeSymbol value) && Held(value) is not null))
                return new(HoldingKind.Walkable);
        return MayHold(type, home, []) ? new(HoldingKind.Unwalkable, null, Collections) : default;
    }

    // The name of what a type is: Variable, Module or neither.
    private static string? Held(ITypeSymbol type) => DerivesFrom(type, ModuleName) ? ModuleName : DerivesFrom(type, VariableName) ? VariableName : null;

    private static bool DerivesFrom(ITypeSymbol type, string name)
    {
        if (type is ITypeParameterSymbol parameter) return parameter.ConstraintTypes.Any(c => DerivesFrom(c, name));
        for (ITypeSymbol? up = type; up is not null; up = up.BaseType)
            if (up.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString() == name) return true;
        return false;
    }

    private static IEnumerable<INamedTypeSymbol> Interfaces(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Interface } itself ? type.AllInterfaces.Prepend(itself) : type.AllInterfaces;

    private static bool IsEnumerable(INamedTypeSymbol face, out ITypeSymbol element)
    {
        bool found = face.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T;
        element = found ? face.TypeArguments[0] : face;
        return found;
    }

    // An element of a dictionary with string keys.
    private static bool IsNamed(ITypeSymbol element, out ITypeSymbol value)
    {
        value = element;
        if (element is not INamedTypeSymbol { Name: "KeyValuePair", TypeArguments: { Length: 2 } arguments }) return false;
        value = arguments[1];
        return arguments[0].SpecialType == SpecialType.System_String;
    }

    // Anything that could hide a variable or module: object, type arguments, arrays in arrays, plain classes around them.
    private static bool MayHold(ITypeSymbol type, IAssemblySymbol home, HashSet<ITypeSymbol> seen)
    {
        if (IsAnything(type) || Interfaces(type).Any(i => IsEnumerable(i, out ITypeSymbol element) && IsAnything(element))) return true;
        if (type is IArrayTypeSymbol array) return Holds(array.ElementType);
        if (type is not INamedTypeSymbol named) return false;
        if (named.TypeArguments.Any(Holds)) return true;
        // Types of this compilation are looked into; a library's own (Tensor, for one) are trusted.
        return SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, home) && type.TypeKind is TypeKind.Class or TypeKind.Struct && seen.Add(type.OriginalDefinition)
            && type.OriginalDefinition.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && Holds(field.Type));

        bool Holds(ITypeSymbol inner) => Held(inner) is not null || !IsAnything(inner) && MayHold(inner, home, seen);
    }

    private static bool IsAnything(ITypeSymbol type) => type.SpecialType == SpecialType.System_Object || type.TypeKind == TypeKind.Dynamic;
}
