using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Lamina.Generators;

/// <summary>Turns a class declaration into a <see cref="ModuleModel"/>: which members are walked, and what is wrong.</summary>
internal static class ModuleReader
{
    /// <summary>The model of a module class; null for other classes, and for those that write Walk themselves.</summary>
    public static ModuleModel? Read(GeneratorSyntaxContext context, CancellationToken cancel)
    {
        if (context.SemanticModel.GetDeclaredSymbol(context.Node, cancel) is not INamedTypeSymbol type) return null;
        if (!Holding.IsModule(type) || type.IsImplicitlyDeclared || !IsFirstPart(type, context.Node, cancel)) return null;
        if (type.GetMembers("Walk").OfType<IMethodSymbol>().Any(m => m.IsOverride)) return null;

        var members = new List<MemberModel>();
        var notes = new List<NoteModel>();
        var problems = new List<Problem>();
        var names = BaseNames(type);
        foreach ((ISymbol member, ITypeSymbol memberType) in Stored(type))
        {
            Holding holding = Holding.Of(memberType, type.ContainingAssembly);
            bool hidden = member is IPropertySymbol { ExplicitInterfaceImplementations.Length: > 0 };
            if (holding.Kind == HoldingKind.Nothing)
            {
                if (!hidden && Changing.Of(member, memberType) is { } isList) notes.Add(new(Expression(member, default), isList));
                continue;
            }
            if (holding.Kind == HoldingKind.Unwalkable || hidden)
            {
                problems.Add(Problem.At(member.Locations[0], Diagnostics.NotWalkable, member.Name, Short(memberType), hidden ? "a property of the class itself" : holding.WayOut));
                continue;
            }
            string name = PathName(member.Name);
            if (!names.TryGetValue(name, out ISymbol? other)) names[name] = member;
            else if (!member.IsOverride) problems.Add(Problem.At(member.Locations[0], Diagnostics.SameName, other.Name, member.Name, name));
            members.Add(new(name, Expression(member, holding)));
        }
        problems.AddRange(Captured(type, context.SemanticModel.Compilation, cancel));
        if (members.Count > 0) problems.AddRange(NotPartial(type, cancel, Diagnostics.NotPartial, (module, part) => [module, part]));
        else if (notes.FirstOrDefault(n => !n.IsList) is { Expression: { } changing }) problems.AddRange(NotPartial(type, cancel, Diagnostics.ChangesUnseen, (_, part) => [changing, part]).Take(1));
        else if (NotPartial(type, cancel, Diagnostics.ChangesUnseen, (_, _) => []).Any()) notes.Clear(); // lists that nobody says are changed
        if (members.Count == 0 && notes.Count == 0 && problems.Count == 0) return null;

        string space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        string file = type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat).Replace("@", "").Replace('<', '{').Replace('>', '}') + ".Walk.g.cs";
        return new(file, space, new(Around(type).Reverse().Select(Header)), Accessibility(type), new(members), new(notes), new(problems));
    }

    // A class in several parts is read once, from the first part that has a base list.
    internal static bool IsFirstPart(INamedTypeSymbol type, SyntaxNode node, CancellationToken cancel) =>
        type.DeclaringSyntaxReferences.Select(r => r.GetSyntax(cancel)).First(n => n is TypeDeclarationSyntax { BaseList: not null }) == node;

    // Fields, and properties that have one: a computed property holds nothing of its own.
    private static IEnumerable<(ISymbol Member, ITypeSymbol Type)> Stored(INamedTypeSymbol type)
    {
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>())
            if (field.IsStatic || field.IsConst) continue;
            else if (field.AssociatedSymbol is IPropertySymbol property) yield return (property, property.Type);
            else if (field.AssociatedSymbol is null && !field.IsImplicitlyDeclared) yield return (field, field.Type);
    }

    // Base classes of this compilation; those of others are seen without their private parts.
    private static Dictionary<string, ISymbol> BaseNames(INamedTypeSymbol type)
    {
        var names = new Dictionary<string, ISymbol>(StringComparer.Ordinal);
        for (INamedTypeSymbol? up = type.BaseType; up is not null && SymbolEqualityComparer.Default.Equals(up.ContainingAssembly, type.ContainingAssembly); up = up.BaseType)
            foreach ((ISymbol member, ITypeSymbol memberType) in Stored(up))
                if (Holding.Of(memberType, type.ContainingAssembly).Kind is HoldingKind.Walkable) names[PathName(member.Name)] = member;
        return names;
    }

    // A primary constructor's parameter that a member uses becomes a field without a name, which no walk could reach.
    private static IEnumerable<Problem> Captured(INamedTypeSymbol type, Compilation compilation, CancellationToken cancel)
    {
        IEnumerable<ClassDeclarationSyntax> parts = type.DeclaringSyntaxReferences.Select(r => r.GetSyntax(cancel)).OfType<ClassDeclarationSyntax>();
        ParameterSyntax[] parameters = [.. parts.SelectMany(part => part.ParameterList?.Parameters ?? [])];
        foreach (ParameterSyntax parameter in parameters)
        {
            SemanticModel model = compilation.GetSemanticModel(parameter.SyntaxTree);
            if (model.GetDeclaredSymbol(parameter, cancel) is not { } symbol) continue;
            if (Holding.Of(symbol.Type, type.ContainingAssembly).Kind == HoldingKind.Nothing) continue;
            bool captured = parts.SelectMany(part => part.Members).SelectMany(member => Bodies(member)).SelectMany(body => body.DescendantNodesAndSelf())
                .OfType<IdentifierNameSyntax>().Where(id => id.Identifier.ValueText == symbol.Name)
                .Any(id => SymbolEqualityComparer.Default.Equals(compilation.GetSemanticModel(id.SyntaxTree).GetSymbolInfo(id, cancel).Symbol, symbol));
            if (captured) yield return Problem.At(parameter.Identifier.GetLocation(), Diagnostics.NotWalkable, symbol.Name, Short(symbol.Type), "a property that the constructor's parameter is assigned to, and use that");
        }
    }

    // The code of a member that runs after the constructor; initialisers of fields and properties don't capture.
    private static IEnumerable<SyntaxNode> Bodies(MemberDeclarationSyntax member) => member switch
    {
        BaseFieldDeclarationSyntax or TypeDeclarationSyntax => [],
        PropertyDeclarationSyntax property => new SyntaxNode?[] { property.AccessorList, property.ExpressionBody }.OfType<SyntaxNode>(),
        _ => [member],
    };

    private static IEnumerable<Problem> NotPartial(INamedTypeSymbol type, CancellationToken cancel, DiagnosticDescriptor rule, Func<string, string, string[]> arguments)
    {
        foreach (INamedTypeSymbol around in Around(type))
            if (around.DeclaringSyntaxReferences[0].GetSyntax(cancel) is TypeDeclarationSyntax part && !part.Modifiers.Any(SyntaxKind.PartialKeyword))
                yield return Problem.At(part.Identifier.GetLocation(), rule, arguments(type.Name, around.Name));
    }

    // The class and the types that contain it, innermost first.
    internal static IEnumerable<INamedTypeSymbol> Around(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? around = type; around is not null; around = around.ContainingType) yield return around;
    }

    internal static string Header(INamedTypeSymbol type)
    {
        string kind = (type.IsRecord, type.TypeKind) switch
        {
            (true, TypeKind.Struct) => "record struct",
            (true, _) => "record",
            (_, TypeKind.Struct) => "struct",
            (_, TypeKind.Interface) => "interface",
            _ => "class",
        };
        return $"{kind} {type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}";
    }

    // An override has the accessibility of what it overrides; 'internal' falls away where another assembly's internals aren't seen.
    private static string Accessibility(INamedTypeSymbol type)
    {
        INamedTypeSymbol up = type;
        while (!Holding.IsModuleItself(up) && (SymbolEqualityComparer.Default.Equals(up.ContainingAssembly, type.ContainingAssembly) || !up.GetMembers("Walk").Any()))
            up = up.BaseType!;
        IMethodSymbol? walk = up.GetMembers("Walk").OfType<IMethodSymbol>().FirstOrDefault();
        bool seen = SymbolEqualityComparer.Default.Equals(up.ContainingAssembly, type.ContainingAssembly) || up.ContainingAssembly.GivesAccessTo(type.ContainingAssembly);
        return seen && walk?.DeclaredAccessibility == Microsoft.CodeAnalysis.Accessibility.ProtectedOrInternal ? "protected internal" : "protected";
    }

    private static string Expression(ISymbol member, Holding holding)
    {
        string name = SyntaxFacts.GetKeywordKind(member.Name) == SyntaxKind.None ? member.Name : "@" + member.Name;
        if (name == "walk") name = "this.walk";
        return holding.NeedsCast is { } cast ? $"({cast}?){name}" : name;
    }

    private static string Short(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    /// <summary>The member's name without leading underscores, its leading capitals in lower case: <c>QKVWeight</c> gives <c>qkvWeight</c>.</summary>
    internal static string PathName(string member)
    {
        char[] name = member.TrimStart('_').ToCharArray();
        for (int i = 0; i < name.Length && char.IsUpper(name[i]); i++)
        {
            if (i > 0 && i + 1 < name.Length && char.IsLower(name[i + 1])) break;
            name[i] = char.ToLowerInvariant(name[i]);
        }
        return name.Length == 0 ? member : new(name);
    }
}
