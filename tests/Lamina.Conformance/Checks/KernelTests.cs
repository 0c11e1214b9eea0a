using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>Results against the definition in float64, within the row's bound; other types exactly. Large operands: <see cref="EngineTests"/>.</summary>
public class KernelTests
{
    public static IEnumerable<TheoryDataRow<string>> Rows => RowTheory.Of("kernel = definition");

    public static IEnumerable<TheoryDataRow<string>> EdgeRows => RowTheory.Of("empty, rank-0 and size-1");

    [Theory]
    [MemberData(nameof(Rows))]
    public void Kernel(string row)
    {
        Row r = Table.Find(row);
        foreach (DType type in r.Types)
            foreach (Case c in Row.Of(r.Cases, type)) AgreesWithDefinition(r, c, type);
    }

    [Theory]
    [MemberData(nameof(EdgeRows))]
    public void Edges(string row)
    {
        Row r = Table.Find(row);
        Assert.True(r.Edges.Any(IsEmpty) || r.Refused.Any(c => c.Operands.Any(o => o.Shape.Count == 0)), "no edge case is empty, or refused for being empty");
        foreach (DType type in r.Types)
            foreach (Case c in Row.Of(r.Edges, type)) AgreesWithDefinition(r, c, type);
    }

    private static bool IsEmpty(Case c)
    {
        Tensors x = c.Sample(c.Types?[0] ?? DType.Float32);
        return x.Items.Any(t => t.Count == 0) || c.Op.ApplyAll(x).Items.Any(t => t.Count == 0);
    }

    internal static void AgreesWithDefinition(Row row, Case c, DType type)
    {
        Tensors x = c.Sample(type);
        AgreesWithDefinition(row, c, x, c.Op.ApplyAll(x), $"{c} in {type.Text}");
    }

    internal static void AgreesWithDefinition(Row row, Case c, Tensors x, Tensors actual, string what)
    {
        // float32 operands are the same numbers in float64; everything else is defined in its own type, and exact.
        Tensors wide = Bound.Each(x, t => t.DType == DType.Float32 ? Widened(t) : t);
        Tensors expected = c.Op.Define(wide);
        Assert.Equal(expected.Count, actual.Count);
        Tensors magnitudes = row.Bound == Bound.Exact ? expected : row.Bound.Magnitude(c.Op, wide);
        for (int i = 0; i < actual.Count; i++)
        {
            DType type = actual[i].DType;
            if (!type.IsFloat || row.Bound == Bound.Exact)
            {
                Tensor exact = expected[i].DType == type ? expected[i] : Tensor.FromDoubles(Elements(expected[i]), expected[i].Spec with { DType = type });
                Compare.Close(actual[i], exact, _ => 0, what);
                continue;
            }
            double unit = Bound.Unit(type), allowed = (row.Bound.Roundings + 4 * Math.Sqrt(row.Bound.Terms(c.Op, x.Specs))) * unit;
            double smallest = type == DType.Float32 ? float.Epsilon : double.Epsilon;
            Tensor magnitude = magnitudes[i];
            // What overflows in float32 is infinite there: rounded to the type, the definition is too.
            Tensor rounded = type == DType.Float64 ? expected[i] : Tensor.FromDoubles([.. Elements(expected[i]).Select(v => Math.Abs(v) > float.MaxValue ? (float)v : v)], expected[i].Spec);
            Compare.Close(actual[i], rounded, k => allowed * Math.Abs(magnitude.Element(k)) + smallest, what);
        }
    }

    private static Tensor Widened(Tensor x) => Tensor.FromDoubles(Elements(x), x.Spec with { DType = DType.Float64 });

    private static double[] Elements(Tensor x) => [.. Enumerable.Range(0, x.Count).Select(x.Element)];
}
