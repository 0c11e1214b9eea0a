using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Lamina.Generators;

/// <summary>Which types of options can be saved, and how.</summary>
internal sealed class SavedKinds(Compilation compilation, ISymbol within)
{
    public const string Root = "global::Lamina.Learning.Saving.";

    private readonly HashSet<ITypeSymbol> _open = new(SymbolEqualityComparer.Default);

    /// <summary>How a type is saved; null where it can't be.</summary>
    public SavedKind? Of(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return Of(nullable.TypeArguments[0]) is { } inner ? new NullableKind(inner, Full(nullable.TypeArguments[0])) : null;
        SavedKind? kind = OfValue(type);
        bool isNullable = type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated;
        return kind is null || !isNullable ? kind : new NullableKind(kind, Full(type));
    }

    /// <summary>A type's name in generated code, without the question mark of its own.</summary>
    public static string Full(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.None)
        .ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));

    /// <summary>A parameter's default value in generated code.</summary>
    public static string Default(IParameterSymbol parameter)
    {
        object? value = parameter.ExplicitDefaultValue;
        if (value is null) return "default!";
        if (parameter.Type.TypeKind == TypeKind.Enum) return $"({Full(parameter.Type)})({value})";
        return value switch
        {
            double x when double.IsNaN(x) => "double.NaN",
            double x when double.IsInfinity(x) => x > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity",
            float x when float.IsNaN(x) => "float.NaN",
            float x when float.IsInfinity(x) => x > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity",
            _ => $"({Full(parameter.Type)})({Literal(value)})",
        };
    }

    private static string Literal(object value) => value switch
    {
        double x => x.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "d",
        float x => x.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "f",
        decimal x => x.ToString(System.Globalization.CultureInfo.InvariantCulture) + "m",
        _ => SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false) ?? "default",
    };

    /// <summary>Whether a type is found by a registered name: modules, preprocessing steps, meanings of outputs.</summary>
    public static bool IsNamed(ITypeSymbol type) =>
        Holding.IsModule(type) || Holding.IsModuleItself(type.WithNullableAnnotation(NullableAnnotation.None))
        || type.AllInterfaces.Concat(type is INamedTypeSymbol { TypeKind: TypeKind.Interface } self ? [self] : []).Any(i => i.ToDisplayString() == "Lamina.Learning.Saving.ISavedByName");

    private SavedKind? OfValue(ITypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Enum) return new PlainKind("Choice", $"Choice<{Full(type)}>");
        switch (type.SpecialType)
        {
            case SpecialType.System_Boolean: return new PlainKind("Value", "Boolean");
            case SpecialType.System_String: return new PlainKind("Value", "Text");
            case SpecialType.System_Char: return new PlainKind("Text", $"Parse<{Full(type)}>");
            case SpecialType.System_Single or SpecialType.System_Double: return new PlainKind("Value", $"Number<{Full(type)}>");
            case SpecialType.System_Decimal: return new PlainKind("Value", $"Number<{Full(type)}>");
            case >= SpecialType.System_SByte and <= SpecialType.System_UInt64: return new PlainKind("Value", $"Integer<{Full(type)}>");
        }
        if (IsNamed(type)) return new PlainKind("Value", $"Object<{Full(type)}>");
        return List(type) ?? Parsed(type) ?? Record(type);
    }

    private SavedKind? List(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol { Rank: 1 } array) return List(array.ElementType, "{0}", "{0}");
        if (type.ToDisplayString() == "Lamina.Tensors.Shapes.Shape")
            return new ListKind(new PlainKind("Value", "Integer<int>"), "int", "{0}.Span", $"new {Full(type)}({{0}})");
        if (type is not INamedTypeSymbol { IsGenericType: true } named) return null;
        string space = named.ContainingNamespace.ToDisplayString();
        if (space == "System.Collections.Generic" && named.TypeArguments.Length == 2 && named.TypeArguments[0].SpecialType == SpecialType.System_String
            && named.Name is "Dictionary" or "IReadOnlyDictionary" or "IDictionary")
            return Of(named.TypeArguments[1]) is { } value ? new DictionaryKind(value, Annotated(named.TypeArguments[1])) : null;
        return (space, named.Name) switch
        {
            ("System.Collections.Generic", "IReadOnlyList" or "IList" or "IEnumerable" or "ICollection" or "IReadOnlyCollection") or ("System", "ReadOnlySpan") =>
                List(named.TypeArguments[0], "{0}", "{0}"),
            ("System.Collections.Generic", "List") => List(named.TypeArguments[0], "{0}", $"new {Full(type)}({{0}})"),
            ("System.Collections.Immutable", "ImmutableArray") => List(named.TypeArguments[0], "{0}", "global::System.Collections.Immutable.ImmutableArray.Create({0})"),
            _ => null,
        };
    }

    private SavedKind? List(ITypeSymbol element, string source, string target) =>
        Of(element) is { } kind ? new ListKind(kind, Annotated(element), source, target) : null;

    private static string Annotated(ITypeSymbol type) =>
        Full(type) + (type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated ? "?" : "");

    // A value that is what its text says: padding, a date, a version.
    private static SavedKind? Parsed(ITypeSymbol type) =>
        type.AllInterfaces.Any(i => i.Name == "IParsable" && i.TypeArguments.Length == 1 && SymbolEqualityComparer.Default.Equals(i.TypeArguments[0], type))
            ? new PlainKind("Text", $"Parse<{Full(type)}>") : null;

    // Nothing of it may be lost: each field has to belong to a part that is saved.
    private SavedKind? Record(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, IsAbstract: false, IsRefLikeType: false } named) return null;
        if (named.SpecialType != SpecialType.None || named.IsUnboundGenericType || named.BaseType is { SpecialType: SpecialType.None } up && up.Name != "ValueType") return null;
        if (!compilation.IsSymbolAccessibleWithin(named, within) || !_open.Add(type)) return null;
        try
        {
            foreach (IMethodSymbol constructor in named.InstanceConstructors.OrderByDescending(c => c.Parameters.Length))
                if (Parts(named, constructor) is { } parts) return new RecordKind(Full(type), named.IsRecord || named.IsValueType, new(parts));
            return null;
        }
        finally
        {
            _open.Remove(type);
        }
    }

    // In other assemblies a property's field doesn't say whose it is: <Height>k__BackingField.
    private static string Backed(string field) => field.StartsWith("<", StringComparison.Ordinal) && field.IndexOf('>') is > 0 and int end ? field.Substring(1, end - 1) : "";

    private List<RecordPart>? Parts(INamedTypeSymbol type, IMethodSymbol constructor)
    {
        if (!compilation.IsSymbolAccessibleWithin(constructor, within)) return null;
        if (constructor.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type)) return null;
        IPropertySymbol[] properties = [.. type.GetMembers().OfType<IPropertySymbol>()
            .Where(p => !p.IsStatic && !p.IsIndexer && p.GetMethod is not null && p.Name != "EqualityContract" && compilation.IsSymbolAccessibleWithin(p, within))];
        var parts = new List<RecordPart>();
        var done = new HashSet<string>();
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            IPropertySymbol? property = properties.FirstOrDefault(p => string.Equals(p.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)
                && SymbolEqualityComparer.Default.Equals(p.Type, parameter.Type));
            if (property is null || Of(parameter.Type) is not { } kind) return null;
            done.Add(property.Name);
            parts.Add(new(ModuleReader.PathName(property.Name), property.Name, "@" + parameter.Name, parameter.HasExplicitDefaultValue ? Default(parameter) : null, RecordPlace.Argument, kind));
        }
        foreach (IPropertySymbol property in properties)
        {
            if (property.SetMethod is not { } set || done.Contains(property.Name) || !compilation.IsSymbolAccessibleWithin(set, within)) continue;
            if (Of(property.Type) is not { } kind) return null;
            done.Add(property.Name);
            RecordPlace place = property.IsRequired ? RecordPlace.Initial : set.IsInitOnly ? RecordPlace.Init : RecordPlace.Set;
            parts.Add(new(ModuleReader.PathName(property.Name), "@" + property.Name, null, null, place, kind));
        }
        bool isWhole = type.GetMembers().OfType<IFieldSymbol>().All(f => f.IsStatic || done.Contains(f.AssociatedSymbol?.Name ?? Backed(f.Name)));
        return isWhole && (parts.Count > 0 || type.IsRecord) ? parts : null;
    }
}
