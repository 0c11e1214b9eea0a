using Xunit;

namespace Lamina.Generators.Tests;

public class WalkTests
{
    private const string Leaf = "public sealed partial class Leaf : Module { public Parameter Weight { get; } = new(Constant.Zero); }\n";

    [Fact]
    public void NamesAreThoseOfFieldsAndPropertiesInCamelCase() => Assert.Equal(
        ["weight", "hidden", "qkvWeight", "running", "bias"],
        Generated.From("""
            public sealed partial class Net : Module
            {
                public Parameter Weight { get; } = new(Constant.Zero);
                private readonly Variable _hidden = new Parameter(Constant.Zero);
                public Parameter QKVWeight { get; init; } = new(Constant.Zero);
                public Lamina.Learning.Modules.Buffer Running { get => field ??= new(Constant.One); set; } = new(Constant.One);
                public Parameter? Bias { get; } = new(Constant.Zero);
                public Parameter? None { get; }
                public static Parameter Shared { get; } = new(Constant.Zero);
                public Parameter Again => Weight;
                public int Size { get; } = 3;
                public Tensor? Mask { get; }
                public bool Use() => _hidden.HasValue;
            }
            """).Paths("Net"));

    [Fact]
    public void ModulesListsAndDictionariesAreWalked() => Assert.Equal(
        ["first.weight", "hidden.0.weight", "hidden.1.weight", "array.0.weight", "readOnly.0.weight", "byName.a.weight", "byName.b.weight", "scales.x", "raw.0"],
        Generated.From(Leaf + """
            public sealed partial class Net : Module
            {
                public Leaf First { get; } = new();
                public List<Leaf> Hidden { get; } = [new(), new()];
                public Module?[] Array { get; } = [new Leaf(), null];
                public IReadOnlyList<Leaf> ReadOnly { get; } = [new()];
                public Dictionary<string, Leaf> ByName { get; } = new() { ["b"] = new(), ["a"] = new() };
                public IReadOnlyDictionary<string, Parameter?>? Scales { get; } = new Dictionary<string, Parameter?> { ["x"] = new(Constant.Zero) };
                public System.Collections.Immutable.ImmutableArray<Parameter> Raw { get; } = [new(Constant.Zero)];
            }
            """).Paths("Net"));

    [Fact]
    public void BaseClassesComeFirst() => Assert.Equal(
        ["below.weight", "above.weight"],
        Generated.From(Leaf + """
            public abstract partial class Base : Module { public Leaf Below { get; } = new(); }
            public abstract class Middle : Base { }
            public sealed partial class Net : Middle { public Leaf Above { get; } = new(); }
            """).Paths("Net"));

    [Fact]
    public void NestedAndGenericClassesAreWritten()
    {
        Generated generated = Generated.From(Leaf + """
            namespace Some.Where
            {
                public static partial class Outer<T>
                {
                    public partial record struct Between
                    {
                        public abstract partial class Net<TBody> : Module where TBody : Module, new()
                        {
                            public TBody Body { get; } = new();
                        }
                    }
                }
                public sealed class Concrete : Outer<int>.Between.Net<Leaf> { }
            }
            """);
        Assert.Equal(["body.weight"], generated.Paths("Some.Where.Concrete"));
        Assert.Contains(generated.Sources, s => s.Contains("partial record struct Between") && s.Contains("partial class Outer<T>") && s.Contains("partial class Net<TBody>"));
    }

    [Fact]
    public void ClassesInPartsAreWrittenOnce() => Assert.Equal(
        ["a", "b"],
        Generated.From("""
            public sealed partial class Net { public Parameter A { get; } = new(Constant.Zero); }
            public sealed partial class Net : Module, IDisposable { public void Dispose() { } }
            public sealed partial class Net : Module { public Parameter B { get; } = new(Constant.Zero); }
            """).Paths("Net"));

    [Fact]
    public void ModulesThatAreCollectionsAreModules() => Assert.Equal(
        ["stack.items.0.weight"],
        Generated.From(Leaf + """
            public sealed partial class Stack : Module, IEnumerable<Module>
            {
                private readonly List<Module> _items = [new Leaf()];
                public IEnumerator<Module> GetEnumerator() => _items.GetEnumerator();
                System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
            }
            public sealed partial class Net : Module { public Stack? Stack { get; } = new(); }
            """).Paths("Net"));

    [Fact]
    public void OddMemberNamesCompile() => Assert.Equal(
        ["walk", "class"],
        Generated.From("""
            public sealed partial class Net : Module
            {
                public readonly Parameter walk = new(Constant.Zero);
                public readonly Parameter @class = new(Constant.Zero);
            }
            """).Paths("Net"));

    [Fact]
    public void BasesInOtherAssembliesAreOverridden()
    {
        Generated generated = Generated.From(
            "public sealed partial class Net : Base { public Parameter Own { get; } = new(Constant.Zero); }",
            library: "public abstract partial class Base : Module { public Parameter Below { get; } = new(Constant.Zero); }");
        Assert.Empty(generated.Problems);
        generated.Compiles();
        Assert.Contains("protected override void Walk", Assert.Single(generated.Sources));
    }

    [Fact]
    public void WhoSeesModulesInternalsOverridesThemToo()
    {
        Generated generated = Generated.From("""
            namespace Lamina.Learning.Modules
            {
                public class ModuleWalk { public void Add(string name, Module? module) { } }
                public abstract class Module { protected internal virtual void Walk(ModuleWalk walk) { } }
                public sealed partial class Net : Module { public Module? Inner { get; } }
            }
            """);
        Assert.Contains("protected internal override void Walk", Assert.Single(generated.Sources));
    }

    [Fact]
    public void WhatHoldsNothingIsLeftAlone()
    {
        Generated generated = Generated.From("""
            public sealed class Empty : Module { public int Size { get; } public Func<int, int> F { get; } = x => x; public List<int> Sizes { get; } = []; }
            public sealed class ByHand : Module
            {
                private readonly Parameter _weight = new(Constant.Zero);
                protected override void Walk(ModuleWalk walk) => walk.Add("weight", _weight);
            }
            public class NoModule { public Parameter? Weight { get; } }
            """);
        Assert.Empty(generated.Problems);
        Assert.Empty(generated.Sources);
        generated.Compiles();
    }

    [Fact]
    public void AnEditElsewhereGeneratesNothingAgain() => Assert.All(
        Generated.ReasonsAfterAnEdit(Leaf),
        reason => Assert.True(reason is Microsoft.CodeAnalysis.IncrementalStepRunReason.Unchanged or Microsoft.CodeAnalysis.IncrementalStepRunReason.Cached, $"{reason}"));
}
