using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Lamina.Generators.Tests;

/// <summary>Source text with the generator run over it.</summary>
internal sealed class Generated
{
    private static readonly MetadataReference[] s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];

    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using Lamina.Tensors;
        using Lamina.Learning.Initializers;
        using Lamina.Learning.Modules;

        """;

    private readonly Compilation _after;

    private Generated(Compilation after, Diagnostic[] problems, string[] sources)
    {
        _after = after;
        Problems = problems;
        Sources = sources;
    }

    /// <summary>What the generator itself reported.</summary>
    public Diagnostic[] Problems { get; }

    /// <summary>The files it wrote.</summary>
    public string[] Sources { get; }

    public static Generated From(string source, string? library = null)
    {
        CSharpParseOptions parse = new(LanguageVersion.Preview);
        var references = s_references.ToList();
        if (library is not null) references.Add(Run("Library", library, s_references, parse)._after.ToMetadata());
        return Run("Source" + Guid.NewGuid().ToString("N"), source, references, parse);
    }

    private static Generated Run(string name, string source, IEnumerable<MetadataReference> references, CSharpParseOptions parse)
    {
        Compilation before = CSharpCompilation.Create(name, [CSharpSyntaxTree.ParseText(Usings + source, parse, name + ".cs")], references,
            new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new ModuleGenerator().AsSourceGenerator()], parseOptions: parse);
        GeneratorDriverRunResult result = driver.RunGeneratorsAndUpdateCompilation(before, out Compilation after, out _).GetRunResult();
        return new(after, [.. result.Diagnostics], [.. result.GeneratedTrees.Select(tree => tree.ToString())]);
    }

    /// <summary>What is reported of how modules are saved, by code that compiles without a warning with what both generators write.</summary>
    public static Diagnostic[] Saved(string source)
    {
        CSharpParseOptions parse = new(LanguageVersion.Preview);
        Compilation before = CSharpCompilation.Create("Saved" + Guid.NewGuid().ToString("N"), [CSharpSyntaxTree.ParseText(Usings + source, parse, "Saved.cs")], s_references,
            new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new ModuleGenerator().AsSourceGenerator(), new SavedGenerator().AsSourceGenerator()], parseOptions: parse);
        GeneratorDriverRunResult result = driver.RunGeneratorsAndUpdateCompilation(before, out Compilation after, out _).GetRunResult();
        Assert.Empty(after.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));
        return [.. result.Diagnostics];
    }

    /// <summary>Why the models of modules were made anew after a class was added that is none.</summary>
    public static IncrementalStepRunReason[] ReasonsAfterAnEdit(string source)
    {
        CSharpParseOptions parse = new(LanguageVersion.Preview);
        Compilation before = CSharpCompilation.Create("Source", [CSharpSyntaxTree.ParseText(Usings + source, parse)], s_references, new(OutputKind.DynamicallyLinkedLibrary));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new ModuleGenerator().AsSourceGenerator()], parseOptions: parse,
            driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)).RunGenerators(before);
        GeneratorRunResult result = driver.RunGenerators(before.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other : System.IDisposable { public void Dispose() { } }", parse))).GetRunResult().Results[0];
        return [.. result.TrackedSteps["Modules"].SelectMany(step => step.Outputs).Select(output => output.Reason)];
    }

    /// <summary>Compiles it, makes the class and gives the paths of its variables.</summary>
    public string[] Paths(string type)
    {
        Assert.Empty(Problems);
        Assert.Empty(_after.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));
        var stream = new MemoryStream();
        Assert.True(_after.Emit(stream).Success);
        Assembly assembly = Assembly.Load(stream.ToArray());
        var module = (Learning.Modules.Module)Activator.CreateInstance(assembly.GetType(type, throwOnError: true)!)!;
        return [.. module.Variables.Select(v => v.Path)];
    }

    /// <summary>Checks that it compiles without a warning.</summary>
    public void Compiles() => Assert.Empty(_after.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));

    /// <summary>Checks that the generator reported this and nothing else.</summary>
    public void Reports(string id, string message)
    {
        Diagnostic problem = Assert.Single(Problems);
        Assert.Equal((id, DiagnosticSeverity.Error), (problem.Id, problem.Severity));
        Assert.Equal(message, problem.GetMessage());
    }
}

file static class Emitting
{
    public static MetadataReference ToMetadata(this Compilation compilation)
    {
        var stream = new MemoryStream();
        Assert.True(compilation.Emit(stream).Success);
        stream.Position = 0;
        return MetadataReference.CreateFromStream(stream);
    }
}
