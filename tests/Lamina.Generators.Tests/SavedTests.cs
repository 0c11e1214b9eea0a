using Microsoft.CodeAnalysis;
using Xunit;

namespace Lamina.Generators.Tests;

public class SavedTests
{
    [Theory]
    [InlineData("Func<int> make", "public Func<int> Make { get; } = make;", "make", "values of type 'Func<int>' can't be saved")]
    [InlineData("Tensor values", "public Tensor Values { get; } = values;", "values", "values of type 'Tensor' can't be saved")]
    [InlineData("object[] values", "public int Count { get; } = values.Length;", "values", "values of type 'object[]' can't be saved")]
    [InlineData("Half value", "public Half Value { get; } = value;", null, "")]
    [InlineData("int count, DateOnly day", "public DateOnly Day { get; } = day;", null, "")]
    [InlineData("int count", "public int Twice => 2 * count; public Func<int>? Make { get; set; }", "Make", "values of type 'Func<int>?' can't be saved")]
    public void TheParameterIsNamed(string parameters, string members, string? name, string why)
    {
        Diagnostic[] problems = Generated.Saved($"public sealed partial class Net({parameters}) : Module {{ {members} }}");
        if (name is null) Assert.Empty(problems);
        else
        {
            Diagnostic problem = Assert.Single(problems);
            Assert.Equal(("LAMINA005", DiagnosticSeverity.Warning), (problem.Id, problem.Severity));
            Assert.Equal($"'{name}' of 'Net' can't be saved in a model file: {why}", problem.GetMessage());
        }
    }

    [Fact]
    public void AParameterThatNoMemberKeepsIsNamed() => Assert.Equal(
        "'outputs' of 'Net' can't be saved in a model file: no field or property named 'Outputs' keeps its value",
        Assert.Single(Generated.Saved("public sealed partial class Net : Module { public Net(int outputs) { } }")).GetMessage());

    [Theory]
    [InlineData("public sealed partial class Net : Module { private readonly int _outputs; public Net(int outputs) => _outputs = outputs; }")]
    [InlineData("public sealed partial class Net(int outputs) : Module { public int Twice => 2 * outputs; }")]
    [InlineData("public sealed partial class Net(int outputs) : Module { public int Width { get; } = outputs; }")]
    [InlineData("public sealed partial class Net : Module { public Net(int outputs, Initializer? first = null) => Outputs = outputs; public int Outputs { get; } public Parameter Weight { get; } = new(Constant.One); }")]
    [InlineData("public partial class Base(int width) : Module { public int Width { get; } = width; } public sealed partial class Net(int width, bool deep = true) : Base(width) { public bool Deep => deep; }")]
    [InlineData("public partial class Outer { private sealed partial class Net(int width) : Module { public int Width { get; } = width; } }")]
    [InlineData("public sealed partial class Net : Module { public required int Width { get; init; } public string? Name { get; set; } }")]
    [InlineData("namespace A.B { public readonly record struct Size(int H, int W); public sealed record Options(Size Size) { public int[]? Widths { get; init; } } public sealed partial class @class(Options @if, params int[] more) : Module { public Options @if { get; } = @if; public int[] More { get; } = more; } }")]
    public void WhatIsKeptInAMemberNeedsNothingMore(string source) => Assert.Empty(Generated.Saved(source));

    [Theory]
    [InlineData("public sealed class Net(int outputs) : Module { public int Twice => 2 * outputs; }")]
    [InlineData("public abstract partial class Net(Func<int> make) : Module { public int Made => make(); }")]
    [InlineData("public sealed partial class Net<T>(Func<T> make) : Module { public T Made => make(); }")]
    public void OthersAreLeftAlone(string source) => Assert.Empty(Generated.Saved(source));
}
