using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>Calls that can't be: always a <see cref="TensorException"/> that begins with the op's name, never anything else.</summary>
public class RefusalTests
{
    public static IEnumerable<TheoryDataRow<string>> Rows => RowTheory.Of("refusals", r => r.Cases[0].Op is not Composition);

    [Theory]
    [MemberData(nameof(Rows))]
    public void Number_of_operands(string row)
    {
        foreach (Case c in Table.Find(row).Cases)
        {
            Tensor[] x = c.Sample(DType.Float32).Items;
            if (c.Op is Concat)
            {
                Refuses(c.Op, [], "without operands");
                continue;
            }
            if (x.Length > 0)
            {
                Refuses(c.Op, [], "without operands");
                Refuses(c.Op, x[..^1], "with an operand too few");
            }
            Refuses(c.Op, [.. x, x.Length > 0 ? x[^1] : Tensor.Of(1f)], "with an operand too many");
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Types(string row)
    {
        Row r = Table.Find(row);
        foreach (Case c in r.Cases)
        {
            foreach (DType type in Row.All.Except(r.Types))
                if (c.Operands.Any(o => o.Type is null)) Refuses(c.Op, c.Sample(type).Items, $"in {type.Text}");
            Tensor[] x = c.Sample(DType.Float32).Items, other = c.Sample(DType.Int64).Items, wide = c.Sample(DType.Float64).Items;
            for (int i = 0; i < x.Length; i++)
            {
                // One operand of another type than the rest; an index or a condition that is float.
                if (c.Operands[i].Type is { } own) Refuses(c.Op, Replaced(x, i, Tensor.FromDoubles(new double[x[i].Count], new(own.IsFloat ? DType.Int64 : DType.Float32, x[i].Shape))), $"with operand {i} of another type");
                else if (c.Operands.Count(o => o.Type is null) > 1)
                {
                    Refuses(c.Op, Replaced(x, i, wide[i]), $"with operand {i} in float64");
                    Refuses(c.Op, Replaced(x, i, other[i]), $"with operand {i} in int64");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Shapes_and_attributes(string row)
    {
        Row r = Table.Find(row);
        foreach (Case c in r.Refused) Refuses(c.Op, c.Sample(r.Types[0]).Items, "");
    }

    private static Tensor[] Replaced(Tensor[] x, int at, Tensor by)
    {
        Tensor[] items = [.. x];
        items[at] = by;
        return items;
    }

    private static void Refuses(Op op, Tensor[] x, string how)
    {
        string what = $"{op} of {string.Join(", ", x.Select(t => t.Spec))} {how}";
        try
        {
            op.ApplyAll(new(x));
        }
        catch (TensorException e)
        {
            Assert.True(e.Message.StartsWith(op.Name + ": ", StringComparison.Ordinal), $"{what}: the message doesn't begin with the op's name: {e.Message}");
            return;
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
        }
        Assert.Fail($"{what} was not refused");
    }
}
