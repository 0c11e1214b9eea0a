using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

/// <summary>An extension method that is composed of ops, as a row of the table: its definition is itself in float64.</summary>
internal sealed record Composition(string Title, Func<Tensors, Tensors> Call) : Op
{
    public override string Name => Title;

    public override bool HasKernel => false;

    public override Specs Infer(Specs x) => throw new NotSupportedException("a composition's ops infer for themselves");

    public override Tensors ApplyAll(Tensors inputs) => Call(inputs);

    public override Tensors Define(Tensors x) => Call(x);
}
