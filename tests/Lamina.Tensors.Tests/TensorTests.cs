using System.Diagnostics;
using System.Reflection;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Tensors.Tests;

/// <summary>What a tensor shows of itself, its indexers, and the errors of both.</summary>
public class TensorTests
{
    private static readonly Tensor s_table = Tensor.From(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
    private static readonly Variable s_weight = new(s_table);

    public static TheoryData<string, Tensor> Texts => new()
    {
        { "float32 (2, 3) [1, 2, 3, 4, 5, 6] min 1 mean 3.5 max 6", s_table },
        { "float32 (3, 2) [1, 4, 2, 5, 3, 6] min 1 mean 3.5 max 6", s_table.T },
        { "float32 (4) [1, NaN, 3, NaN] min 1 mean 2 max 3 NaN 2", Tensor.From(1f, float.NaN, 3, float.NaN) },
        { "float64 (2) [NaN, NaN] NaN 2", Tensor.From(double.NaN, double.NaN) },
        { "float32 (2) [Infinity, -1] min -1 mean Infinity max Infinity", Tensor.From(float.PositiveInfinity, -1) },
        { "int64 (9) [0, 1, 2, 3, 4, 5, 6, 7, …] min 0 mean 4 max 8", Tensor.From(0L, 1, 2, 3, 4, 5, 6, 7, 8) },
        { "float32 () [0.33333]", Tensor.Of(1 / 3f) },
        { "bool () [true]", Tensor.Of(true) },
        { "uint8 (0, 4) []", Tensor.Zeros((0, 4), DType.UInt8) },
        { "bfloat16 (2) [1, -2.5] min -2.5 mean -0.75 max 1", Tensor.From(1f, -2.5f).Cast(DType.BFloat16) },
        { "float16 (1) [0.099976]", Tensor.From(0.1f).Cast(DType.Float16) },
    };

    [Theory, MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public void Shows_type_shape_values_and_their_spread(string text, Tensor x) => Assert.Equal(text, x.ToString());

    [Fact]
    public void The_debugger_shows_the_same() =>
        Assert.Equal("{ToString(),nq}", typeof(Tensor).GetCustomAttribute<DebuggerDisplayAttribute>()!.Value);

    [Fact]
    public void A_value_inside_a_plan_has_a_shape_and_no_text_of_values()
    {
        string shown = "";
        var error = Assert.ThrowsAny<TensorException>(() => new Plan(x =>
        {
            Tensor doubled = x[0] + x[0];
            shown = doubled.ToString();
            return [Tensor.Of((float)doubled.Sum().Item())];
        }).Run(s_table));
        Assert.Equal("float32 (2, 3) (inside a plan)", shown);
        Assert.Contains("inside a plan", error.Message);
        Assert.Contains("Where()", error.Message);
    }

    [Fact]
    public void Indices_and_ranges_are_views()
    {
        Assert.Equal([4f, 5, 6], s_table[^1].ToArray<float>());
        Assert.Equal(new Shape(3), s_table[0].Shape);
        Assert.Equal([2f, 3], s_table[..1, 1..].ToArray<float>());
        Assert.Equal(new Shape(1, 2), s_table[..1, 1..].Shape);
        Assert.Equal([3f, 6], s_table[.., ^1..].ToArray<float>());
        Assert.Equal(0, s_table[1..1].Count);
        Assert.False(s_table[.., 1..].IsCompact); // nothing was copied
        Assert.Equal(5, s_table[1][1].Item());
    }

    public static TheoryData<string, Func<object>> Refusals => new()
    {
        { "index 2 of axis 0 of (2, 3): there are 2 indices", () => s_table[2] },
        { "index ^3 of axis 0 of (2, 3): there are 2 indices", () => s_table[^3] },
        { "range 1..4 of axis 1 of (2, 3): there are 3 indices", () => s_table[.., 1..4] },
        { "range 2..1 of axis 0 of (2, 3): there are 2 indices", () => s_table[2..1] },
        { "3 ranges for shape (2, 3), which has 2 axes", () => s_table[.., .., ..] },
        { "a scalar has no axis to take an index of", () => Tensor.Of(1f)[0] },
        { "5 values don't fill shape (2, 3), which has 6 elements", () => Tensor.From(new float[5], (2, 3)) },
        { "Item() of shape (2, 3): there are 6 elements, not one\n  try Sum(), Mean() or an index first", () => s_table.Item() },
        { "the elements are float32, not int64\n  try Cast(DType.Int64) first", () => s_table.ToArray<long>() },
        { "gradients are taken by float32 and float64 tensors, not by int64", () => Tensor.Of(1L).Track() },
        { "gradients are taken of a scalar loss, not of shape (2, 3)\n  try Mean() or Sum() first", () => Gradient.Of(s_weight.Value * 2, [s_weight]) },
    };

    [Theory, MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void Refuses_with_the_shape_and_the_way_out(string message, Func<object> call) =>
        Assert.Equal(message, Assert.Throws<TensorException>(call).Message);

    [Fact]
    public void Eight_axes_are_the_most()
    {
        var sizes = new int[] { 1, 2, 1, 2, 1, 2, 1, 2 };
        Tensor x = Tensor.Ones(new Shape(sizes));
        Assert.Equal(256 * 2, (x + x.Transpose(7, 6, 5, 4, 3, 2, 1, 0)).Sum().Item()); // (1, 2, …) with (2, 1, …): 2⁸ sums
        Assert.Throws<TensorException>(() => new Shape([.. sizes, 1]));
    }

    [Fact]
    public void A_gradient_that_does_not_depend_is_an_error_that_says_so() =>
        Assert.Contains("no trainable variable", Assert.Throws<TensorException>(() => Gradient.Of(s_table.Sum(), [s_weight])).Message);
}
