using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>Operands that don't lie compact: the same values seen through strides give the same bits.</summary>
public class StridedTests
{
    public static IEnumerable<TheoryDataRow<string>> Rows => RowTheory.Of("strided operands");

    [Theory]
    [MemberData(nameof(Rows))]
    public void Strided(string row)
    {
        Row r = Table.Find(row);
        foreach (DType type in r.Types)
            foreach (Case c in r.Small(type))
                foreach (Func<Tensor, Tensor?> view in new[] { Transposed, Sliced, Backwards, Repeated })
                    Check(c, type, view);
    }

    private static void Check(Case c, DType type, Func<Tensor, Tensor?> view)
    {
        Tensors x = c.Sample(type);
        for (int operand = 0; operand < x.Count; operand++)
        {
            if (view(x[operand]) is not { } strided) continue;
            var items = x.Items.ToArray();
            items[operand] = strided;
            Tensors actual = c.Op.ApplyAll(new(items));
            items[operand] = strided.Keep();
            Compare.SameBits(actual, c.Op.ApplyAll(new(items)), $"{c} in {type.Text} with operand {operand} {view.Method.Name.ToLowerInvariant()}");
        }
    }

    /// <summary>The same values, laid in memory in the opposite order of axes.</summary>
    private static Tensor? Transposed(Tensor x)
    {
        if (x.Rank < 2) return null;
        int[] reversed = [.. Enumerable.Range(0, x.Rank).Reverse()];
        return x.Transpose(reversed).Keep().Transpose(reversed);
    }

    /// <summary>The same values, as every second one of a larger tensor.</summary>
    private static Tensor? Sliced(Tensor x)
    {
        if (x.Rank == 0) return null;
        Tensor spread = Tensor.Stack([x, x], x.Rank).Reshape(x.Shape.With(-1, x.Shape[^1] * 2));
        int[] zeros = new int[x.Rank], ones = [.. Enumerable.Repeat(1, x.Rank)];
        return spread.Slice(zeros, spread.Shape.Span, [.. ones[1..], 2]);
    }

    /// <summary>The same values, laid in memory from the last to the first.</summary>
    private static Tensor? Backwards(Tensor x)
    {
        if (x.Rank == 0 || x.Count == 0) return null;
        int[] last = [.. x.Shape.Span.ToArray().Select(n => n - 1)], before = [.. Enumerable.Repeat(-1, x.Rank)];
        return x.Slice(last, before, before).Keep().Slice(last, before, before);
    }

    /// <summary>The first index of the outermost axis, everywhere along it.</summary>
    private static Tensor? Repeated(Tensor x) => x.Rank == 0 || x.Count == 0 ? null : x.Narrow(0, 0, 1).BroadcastTo(x.Shape);
}
