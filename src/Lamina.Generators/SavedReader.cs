using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Lamina.Generators;

/// <summary>
/// Finds out how a module (or another thing that files name) is saved: each parameter of its constructor is read back from a member of the
/// same name; members that can be set are set again.
/// </summary>
internal sealed class SavedReader
{
    private readonly INamedTypeSymbol _type;
    private readonly Compilation _compilation;
    private readonly CancellationToken _cancel;
    private readonly SavedKinds _kinds;
    private readonly HashSet<ISymbol> _used = new(SymbolEqualityComparer.Default);
    private readonly List<string> _describe = [], _arguments = [], _initial = [], _set = [];
    private int _variables;

    private SavedReader(INamedTypeSymbol type, Compilation compilation, CancellationToken cancel)
    {
        (_type, _compilation, _cancel) = (type, compilation, cancel);
        _kinds = new(compilation, type);
    }

    /// <summary>The model of a class that can be saved, or of one of which something can't; null for others.</summary>
    public static SavedModel? Read(GeneratorSyntaxContext context, CancellationToken cancel)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node, cancel) is not INamedTypeSymbol type) return null;
        if (type.IsAbstract || type.IsStatic || type.IsFileLocal || !SavedKinds.IsNamed(type) || !ModuleReader.IsFirstPart(type, context.Node, cancel)) return null;
        INamedTypeSymbol[] around = [.. ModuleReader.Around(type)];
        if (around.Any(t => t.IsGenericType || t.IsFileLocal)) return null;
        bool isByHand = type.Interfaces.Any(i => i.Name is "ISaved" && i.ContainingNamespace.ToDisplayString() == "Lamina.Learning.Saving");
        bool isPartial = around.All(t => t.DeclaringSyntaxReferences.Any(r => r.GetSyntax(cancel) is TypeDeclarationSyntax part && part.Modifiers.Any(SyntaxKind.PartialKeyword)));
        if (!isPartial && !isByHand) return null;
        var reader = new SavedReader(type, context.SemanticModel.Compilation, cancel);
        Problem? problem = isByHand ? null : reader.Find();
        return reader.Model(around, isByHand, problem);
    }

    private SavedModel Model(INamedTypeSymbol[] around, bool isByHand, Problem? problem)
    {
        string space = _type.ContainingNamespace.IsGlobalNamespace ? "" : _type.ContainingNamespace.ToDisplayString();
        string full = SavedKinds.Full(_type);
        string[] create = [$"var __made = new {full}({string.Join(", ", _arguments)}){(_initial.Count > 0 ? $" {{ {string.Join(", ", _initial)} }}" : "")};", .. _set, "return __made;"];
        // What others can't see is registered through the type around it.
        INamedTypeSymbol? hidden = around.LastOrDefault(t => t.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal);
        string register = hidden is null ? $"{SavedKinds.Root}SavedTypes.Add<{full}>();" : $"{SavedKinds.Full(hidden.ContainingType)}.{Hook(_type)}();";
        return new(
            _type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat).Replace("@", "") + ".Saved.g.cs", space, new(Enumerable.Reverse(around).Select(ModuleReader.Header)), full, Name(),
            new(_describe), new(create), register, isByHand, new(problem is { } p ? [p] : []));
    }

    /// <summary>The name of the method through which a type that others can't see is registered.</summary>
    private static string Hook(INamedTypeSymbol type) => "__RegisterSaved_" + string.Join("_", ModuleReader.Around(type).Reverse().Select(t => t.Name));

    // The library's own have short names; others theirs with the namespace; an attribute says another.
    private string Name()
    {
        foreach (AttributeData attribute in _type.GetAttributes())
            if (attribute.AttributeClass?.ToDisplayString() == "Lamina.Learning.Saving.SavedAsAttribute" && attribute.ConstructorArguments.FirstOrDefault().Value is string given) return given;
        return _type.ContainingAssembly.Name is "Lamina.Learning" or "Lamina.Models" ? _type.Name : _type.ToDisplayString();
    }

    private Problem? Find()
    {
        Problem? first = null;
        foreach (IMethodSymbol constructor in Constructors())
        {
            _used.Clear();
            _describe.Clear();
            _arguments.Clear();
            if (Arguments(constructor) is not { } problem) return Settable();
            first ??= problem;
        }
        return first;
    }

    // Public ones first, those with most parameters first.
    private IEnumerable<IMethodSymbol> Constructors() => _type.InstanceConstructors
        .Where(c => !(c.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(c.Parameters[0].Type, _type)))
        .OrderBy(c => c.DeclaredAccessibility == Accessibility.Public ? 0 : 1).ThenByDescending(c => c.Parameters.Length);

    private Problem? Arguments(IMethodSymbol constructor)
    {
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            // First values are no matter: the file holds the weights.
            if (parameter.HasExplicitDefaultValue && parameter.Type.Name == "Initializer" && parameter.Type.ContainingNamespace.ToDisplayString() == "Lamina.Learning.Initializers") continue;
            string name = ModuleReader.PathName(parameter.Name);
            string? why = parameter.RefKind != RefKind.None ? "it is passed by reference" : null;
            SavedKind? kind = why is null ? _kinds.Of(parameter.Type) : null;
            if (kind is null)
                return Refuse(parameter.Locations, parameter.Name, why ?? $"values of type '{parameter.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}' can't be saved");
            if (Source(constructor, parameter, kind) is not { } write)
                return Refuse(parameter.Locations, parameter.Name, $"no field or property named '{Suggested(parameter.Name)}' keeps its value");
            _describe.Add($"__to.Name(\"{name}\"); {{ {write} }}");
            string variable = $"__v{_variables++}";
            _arguments.Add($"@{parameter.Name}: " + (parameter.HasExplicitDefaultValue
                ? $"__from.Get(\"{name}\", out var {variable}) ? {kind.Read(variable, 0)} : {SavedKinds.Default(parameter)}"
                : kind.Read($"__from.Take(\"{name}\")", 0)));
        }
        return null;
    }

    // The statement that writes what a parameter was given.
    private string? Source(IMethodSymbol constructor, IParameterSymbol parameter, SavedKind kind)
    {
        foreach ((ISymbol member, ITypeSymbol type) in Members())
        {
            if (!string.Equals(ModuleReader.PathName(member.Name), ModuleReader.PathName(parameter.Name), StringComparison.OrdinalIgnoreCase)) continue;
            if (Write(member, type, parameter, kind) is not { } write) continue;
            _used.Add(member);
            return write;
        }
        if (constructor.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_cancel) is not TypeDeclarationSyntax primary) return null;
        // A member that is given the parameter as it is; or the parameter itself, which the class then keeps.
        foreach ((ISymbol member, ITypeSymbol type) in Members())
            if (IsInitializedBy(member, parameter) && Write(member, type, parameter, kind) is { } write)
            {
                _used.Add(member);
                return write;
            }
        bool goesUp = primary.BaseList?.Types.OfType<PrimaryConstructorBaseTypeSyntax>().Any(b => b.DescendantNodes().OfType<IdentifierNameSyntax>().Any(i => i.Identifier.ValueText == parameter.Name)) == true;
        return goesUp || Holding.Of(parameter.Type, _type.ContainingAssembly).Kind != HoldingKind.Nothing ? null : kind.Write("@" + parameter.Name, 0);
    }

    private string? Write(ISymbol member, ITypeSymbol type, IParameterSymbol parameter, SavedKind kind)
    {
        string value = "this.@" + member.Name;
        if (SymbolEqualityComparer.Default.Equals(type, parameter.Type)) return kind.Write(value, 0);
        // bool bias, kept as Parameter? Bias: whether there is one.
        if (parameter.Type.SpecialType == SpecialType.System_Boolean && type.IsReferenceType) return $"__to.Value({value} is not null);";
        if (_kinds.Of(type) is not { } held) return null;
        if (Bare(held) is ListKind a && Bare(kind) is ListKind b && (a.Inner == b.Inner || AreObjects(a.Inner, b.Inner))) return held.Write(value, 0);
        var conversion = _compilation.ClassifyCommonConversion(type, parameter.Type);
        return conversion.IsImplicit && !conversion.IsUserDefined && held is not ListKind ? held.Write(value, 0) : null;
    }

    private static bool AreObjects(SavedKind a, SavedKind b) => a is PlainKind { Reader: { } x } && b is PlainKind { Reader: { } y } && x.StartsWith("Object<", StringComparison.Ordinal) && y.StartsWith("Object<", StringComparison.Ordinal);

    private static SavedKind Bare(SavedKind kind) => kind is NullableKind nullable ? nullable.Inner : kind;

    private bool IsInitializedBy(ISymbol member, IParameterSymbol parameter)
    {
        ExpressionSyntax? value = member.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(_cancel) switch
        {
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            VariableDeclaratorSyntax field => field.Initializer?.Value,
            _ => null,
        };
        return value is IdentifierNameSyntax name && name.Identifier.ValueText == parameter.Name;
    }

    // What can be set after the constructor, or in an initialiser, is set again.
    private Problem? Settable()
    {
        foreach ((ISymbol member, ITypeSymbol type) in Members())
        {
            var property = member as IPropertySymbol;
            bool isRequired = property is { IsRequired: true } or IFieldSymbol { IsRequired: true };
            bool isSet = property is null ? !((IFieldSymbol)member).IsReadOnly : property.SetMethod is { } set && _compilation.IsSymbolAccessibleWithin(set, _type);
            if (!isSet || !_used.Add(member) || Holds(type, "Lamina.Tensors.Variable")) continue;
            bool isInit = property?.SetMethod?.IsInitOnly == true;
            if (_kinds.Of(type) is not { } kind)
            {
                bool isPublic = property?.SetMethod?.DeclaredAccessibility == Accessibility.Public || isRequired;
                if (!isPublic) continue; // what a class keeps for itself, such as a cache
                return Refuse(member.Locations, member.Name, $"values of type '{type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}' can't be saved");
            }
            string name = ModuleReader.PathName(member.Name);
            if (_describe.Any(d => d.StartsWith($"__to.Name(\"{name}\");", StringComparison.Ordinal))) continue;
            _describe.Add($"__to.Name(\"{name}\"); {{ {kind.Write("this.@" + member.Name, 0)} }}");
            if (isRequired || isInit) _initial.Add($"@{member.Name} = {kind.Read($"__from.Take(\"{name}\")", 0)}");
            else _set.Add($"if (__from.Get(\"{name}\", out var __v{_variables})) __made.@{member.Name} = {kind.Read($"__v{_variables++}", 0)};");
        }
        return null;
    }

    private static bool Holds(ITypeSymbol type, string name)
    {
        for (ITypeSymbol? up = type; up is not null; up = up.BaseType)
            if (up.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString() == name) return true;
        return false;
    }

    // Fields and properties of the class and its bases, the class's own first; not those of Module, Network and Layer.
    private IEnumerable<(ISymbol Member, ITypeSymbol Type)> Members()
    {
        for (INamedTypeSymbol? up = _type; up is not null && up.SpecialType != SpecialType.System_Object && !IsRoot(up); up = up.BaseType)
            foreach (ISymbol member in up.GetMembers())
                if (member.IsStatic || member.IsImplicitlyDeclared && member is not IPropertySymbol || !_compilation.IsSymbolAccessibleWithin(member, _type)) continue;
                else if (member is IFieldSymbol { AssociatedSymbol: null, IsConst: false } field) yield return (field, field.Type);
                else if (member is IPropertySymbol { IsIndexer: false, GetMethod: not null, ExplicitInterfaceImplementations.Length: 0, Name: not "EqualityContract" } property)
                    yield return (property, property.Type);
    }

    private static bool IsRoot(INamedTypeSymbol type) =>
        type.ContainingAssembly.Name == "Lamina.Learning" && type.Name is "Module" or "Network" or "Layer";

    private Problem Refuse(IEnumerable<Location> locations, string name, string why) =>
        Problem.At(locations.FirstOrDefault(l => l.IsInSource) ?? _type.Locations[0], Diagnostics.NotSaved, name, _type.Name, why);

    private static string Suggested(string parameter) => char.ToUpperInvariant(parameter[0]) + parameter.Substring(1);
}
