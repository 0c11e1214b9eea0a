namespace Lamina.Tensors.Tests.Plans;

using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Tests.Plans.Steps;

/// <summary>What a plan makes of the calls that it recorded.</summary>
public class CompilationTests
{
    [Fact]
    public void A_chain_of_element_wise_calls_is_one()
    {
        var plan = new Plan(x => ((x[0] + x[1]) * x[0]).Tanh());
        plan.Run(Vector(1, 2), Vector(3, 4));
        Assert.StartsWith("fused[add multiply tanh]", Assert.Single(plan.Lines()));
    }

    [Fact]
    public void Bias_and_activation_are_folded_into_the_product()
    {
        var plan = new Plan(x => (x[0].MatMul(x[1]) + x[2]).Relu());
        plan.Run(Drawn([8, 4], 1), Drawn([4, 6], 2), Drawn([6], 3));
        Assert.StartsWith("matmul+[add relu]", Assert.Single(plan.Lines()));
    }

    [Theory, InlineData(DType.Float32), InlineData(DType.Float64)]
    public void Gelu_and_its_slope_share_a_kernel_and_have_the_bits_that_they_have_alone(DType type)
    {
        float[] values = [.. Drawn([1037], 1).ToArray<float>().Select((v, i) => v * (i % 7 == 0 ? 20 : 4))];
        (values[0], values[1], values[2]) = (float.NaN, float.PositiveInfinity, -0f);
        Tensor x = Tensor.From(values).Cast(type), by = Drawn([1037], 2).Cast(type);
        Tensors Step(Tensors t)
        {
            Tensor shifted = t[0] * 1.5;
            return [shifted.Gelu() + 1, t[1] * new GeluSlope().Apply(shifted)];
        }
        var plan = new Plan(Step);
        Tensors actual = plan.Run(x, by), expected = Step([x, by]);
        for (int i = 0; i < 2; i++) SameBits(actual[i], expected[i]);
        Assert.StartsWith("fused[multiply gelu gelu_slope ", Assert.Single(plan.Lines()));
        var approximate = new Plan(t => [t[0].Gelu(true), new GeluSlope { Approximate = true }.Apply(t[0])]);
        actual = approximate.Run(x);
        SameBits(actual[0], x.Gelu(true));
        SameBits(actual[1], new GeluSlope { Approximate = true }.Apply(x));
    }

    [Fact]
    public void A_reduction_ends_a_chain_and_what_follows_is_another()
    {
        var plan = new Plan(x => (x[0] * x[0]).Sum().Sqrt());
        Equal(plan.Run(Vector(3, 4))[0], 5);
        Assert.Collection(plan.Lines(), l => Assert.StartsWith("fused[multiply]", l), l => Assert.StartsWith("sum", l), l => Assert.StartsWith("fused[sqrt]", l));
    }

    [Fact]
    public void A_chain_is_not_joined_with_one_that_it_depends_on_through_something_else()
    {
        // x + Σ 2x: both additions are element-wise over one shape, but the sum between them needs all of the first.
        var plan = new Plan(x =>
        {
            Tensor twice = x[0] + x[0];
            return twice * twice.Sum();
        });
        Equal(plan.Run(Vector(1, 2, 3))[0], 24, 48, 72);
        Assert.Equal(3, plan.Lines().Length);
    }

    [Fact]
    public void Equal_calls_are_made_once()
    {
        var plan = new Plan(x => x[0].Exp() + x[0].Exp() * (x[1] + 1) + (x[1] + 1));
        SameBits(plan.Run(Vector(1, 2), Vector(3, 4))[0], Vector(1, 2).Exp() + Vector(1, 2).Exp() * (Vector(3, 4) + 1) + (Vector(3, 4) + 1));
        string line = Assert.Single(plan.Lines());
        Assert.Equal(2, line.Split("exp").Length);
        Assert.StartsWith("fused[exp add multiply add add]", line);
    }

    [Fact]
    public void What_nobody_uses_is_not_computed()
    {
        var plan = new Plan(x =>
        {
            _ = x[0].MatMul(x[0]).Sum();
            return x[0] * 2;
        });
        plan.Run(Drawn([3, 3], 1));
        Assert.StartsWith("fused[multiply]", Assert.Single(plan.Lines()));
    }

    [Fact]
    public void What_depends_on_constants_alone_is_computed_when_it_is_recorded()
    {
        var plan = new Plan(x => x[0] * (Tensor.Ones([3]) * 2 + 1).Sum());
        Equal(plan.Run(Vector(1, 2))[0], 9, 18);
        Assert.StartsWith("fused[multiply]", Assert.Single(plan.Lines()));
    }

    [Fact]
    public void A_value_that_a_chain_still_reads_is_not_overwritten_by_its_results()
    {
        // The first result is written before the chain's last instruction reads y again.
        Tensors Step(Tensors x)
        {
            Tensor y = x[0].Reshape(2, 3).Sum([0]) + 1, z = y * 2;
            return [new Copy().Apply(z), new Copy().Apply(z.Tanh() + y)];
        }
        Tensor x = Drawn([6], 1);
        Tensors expected = Step(x), actual = new Plan(Step).Run(x);
        SameBits(actual[0], expected[0]);
        SameBits(actual[1], expected[1]);
    }

    [Fact]
    public void Intermediate_values_share_memory()
    {
        // A chain of products, each 64 × 64 floats: two of them live at a time.
        var plan = new Plan(x =>
        {
            Tensor y = x[0];
            for (int i = 0; i < 10; i++) y = y.MatMul(x[0]);
            return y;
        });
        plan.Run(Drawn([64, 64], 1));
        Assert.InRange(plan.SlabBytes, 1, 2 * 64 * 64 * sizeof(float));
    }

    [Fact]
    public void Other_shapes_are_recorded_anew_and_known_ones_are_not()
    {
        var plan = new Plan(x => (x[0] * 2).Sum());
        Equal(plan.Run(Drawn([4, 3], 1) * 0 + 1)[0], 24);
        Equal(plan.Run(Drawn([2, 3], 1) * 0 + 1)[0], 12);
        Equal(plan.Run(Drawn([4, 3], 1) * 0 + 2)[0], 48);
        Assert.Equal(2, plan.Recordings);
        Assert.Equal(24, plan.Run(Tensor.Ones([4, 3], DType.Float64))[0].ToArray<double>()[0]);
        Assert.Equal(3, plan.Recordings);
    }

    [Fact]
    public void Reading_a_value_while_recording_is_refused_with_a_way_out()
    {
        var plan = new Plan(x => x[0].ToArray<float>()[0] > 0 ? x[0] : -x[0]);
        var error = Assert.ThrowsAny<TensorException>(() => plan.Run(Vector(1)));
        Assert.Contains("read inside a plan", error.Message);
        Assert.Contains("Where()", error.Hint);
        // The thread is as before: ops run as they are called.
        Equal(Vector(1) + 1, 2);
    }

    [Fact]
    public void A_tensor_of_one_recording_is_refused_in_another()
    {
        Tensor? leaked = null;
        new Plan(x => leaked = x[0] * 2).Run(Vector(1));
        var error = Assert.Throws<TensorException>(() => new Plan(x => x[0] + leaked!).Run(Vector(1)));
        Assert.Contains("used in another", error.Message);
    }
}
