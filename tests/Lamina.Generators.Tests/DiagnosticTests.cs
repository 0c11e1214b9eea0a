using Microsoft.CodeAnalysis;
using Xunit;

namespace Lamina.Generators.Tests;

public class DiagnosticTests
{
    [Fact]
    public void AModuleThatIsNotPartialIsRefused() => Generated.From(
        "public sealed class Net : Module { public Parameter Weight { get; } = new(Constant.Zero); }")
        .Reports("LAMINA001", "'Net' holds variables or modules, so 'Net' must be partial: write 'partial class Net'");

    [Fact]
    public void ATypeAroundAModuleMustBePartialToo() => Generated.From(
        "public static class Outer { public sealed partial class Net : Module { public Parameter Weight { get; } = new(Constant.Zero); } }")
        .Reports("LAMINA001", "'Net' holds variables or modules, so 'Outer' must be partial: write 'partial class Outer'");

    [Theory]
    [InlineData("Dictionary<int, Module>")]
    [InlineData("List<List<Module>>")]
    [InlineData("(Module, int)")]
    [InlineData("Tuple<Parameter>")]
    [InlineData("object")]
    [InlineData("List<object>")]
    [InlineData("Func<Module>")]
    [InlineData("Lazy<Parameter>")]
    [InlineData("Module[][]")]
    [InlineData("Module[,]")]
    [InlineData("Dictionary<string, Module[]>")]
    [InlineData("Plain")]
    public void WhatCannotBeWalkedIsRefused(string type) => Generated.From(
        $"public sealed partial class Net : Module {{ public {type} Inner {{ get; set; }} = default!; }}\n" +
        "public class Plain { public Module? Inner; public Plain? Next; public Generic<int>? Other; }\n" +
        "public class Generic<T> { public Generic<List<T>>? Deeper; }")
        .Reports("LAMINA002", $"'Inner' of type '{type}' may hold variables or modules that would be neither trained nor saved; hold them in a List, an array or a Dictionary with string keys");

    [Fact]
    public void ACapturedConstructorParameterIsRefused() => Generated.From(
        "public sealed partial class Net(Module inner) : Module { public int Count() => inner.Variables.Count; }")
        .Reports("LAMINA002", "'inner' of type 'Module' may hold variables or modules that would be neither trained nor saved; hold them in a property that the constructor's parameter is assigned to, and use that");

    [Fact]
    public void AConstructorParameterThatIsAssignedIsFine() => Assert.Empty(Generated.From(
        "public sealed partial class Net(Module inner) : Module { public Module Inner { get; } = inner; public int Count() => Inner.Variables.Count; }").Problems);

    [Fact]
    public void NamesThatCollideAreRefused() => Generated.From("""
        public sealed partial class Net : Module
        {
            public Parameter Weight { get; } = new(Constant.Zero);
            private readonly Parameter _weight = new(Constant.Zero);
            public bool Use() => _weight.HasValue;
        }
        """).Reports("LAMINA003", "'Weight' and '_weight' are both named 'weight' in parameter paths; rename one");

    [Fact]
    public void NamesThatCollideWithABaseClassAreRefused() => Generated.From("""
        public abstract partial class Base : Module { private readonly Parameter _weight = new(Constant.Zero); public bool Use() => _weight.HasValue; }
        public sealed partial class Net : Base { public Parameter Weight { get; } = new(Constant.Zero); }
        """).Reports("LAMINA003", "'_weight' and 'Weight' are both named 'weight' in parameter paths; rename one");

    [Fact]
    public void ProblemsPointAtTheMember()
    {
        Diagnostic problem = Assert.Single(Generated.From("public sealed partial class Net : Module\n{\n    public object Inner { get; } = 1;\n}").Problems);
        Assert.Equal(18, problem.Location.GetLineSpan().StartLinePosition.Character);
        Assert.NotEmpty(problem.Descriptor.Description.ToString());
    }
}
