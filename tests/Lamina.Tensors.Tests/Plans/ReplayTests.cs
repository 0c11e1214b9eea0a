namespace Lamina.Tensors.Tests.Plans;

using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Tests.Plans.Steps;

/// <summary>Runs of a plan: the same bits as call by call, and nothing allocated.</summary>
public class ReplayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(67)]
    public void A_training_step_has_the_bits_of_the_same_step_call_by_call(int batch)
    {
        SmallNetwork eager = new(), planned = new();
        var plan = new Plan(planned.Step);
        for (int step = 0; step < 20; step++)
        {
            Tensor x = Drawn([batch, 5], 100 + step), y = Drawn([batch, 3], 200 + step);
            SameBits(plan.Run(x, y)[0], eager.Step([x, y])[0]);
        }
        foreach ((Variable expected, Variable actual) in eager.Variables.Zip(planned.Variables)) SameBits(actual.Value, expected.Value);
        Assert.Equal(1, plan.Recordings);
    }

    [Fact]
    public void Batches_of_changing_size_train_on_the_same_variables()
    {
        SmallNetwork eager = new(), planned = new();
        var plan = new Plan(planned.Step);
        foreach (int batch in new[] { 8, 3, 8, 8, 3, 5 })
        {
            Tensor x = Drawn([batch, 5], batch), y = Drawn([batch, 3], batch + 1);
            SameBits(plan.Run(x, y)[0], eager.Step([x, y])[0]);
        }
        Assert.Equal(3, plan.Recordings);
    }

    [Fact]
    public void A_replay_allocates_nothing()
    {
        var plan = new Plan(new SmallNetwork().Step);
        Tensor[] inputs = [Drawn([32, 5], 1), Drawn([32, 3], 2)];
        for (int i = 0; i < 50; i++) plan.Run(inputs);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) plan.Run(inputs);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Inputs_may_be_views()
    {
        var plan = new Plan(x => (x[0] * 2).Sum([0]));
        Tensor x = Drawn([4, 6], 1);
        foreach (Tensor view in new[] { x.T, x[1..3], x.Flip(), Drawn([6], 2).BroadcastTo([4, 6]) })
            SameBits(plan.Run(view)[0], (view.Keep() * 2).Sum([0]));
    }

    [Fact]
    public void Random_draws_differ_by_key_and_are_equal_for_equal_keys()
    {
        var plan = new Plan(x => [Tensor.RandomUniform([50], x[0], 1), Tensor.RandomUniform([50], x[0], 2), Tensor.RandomUniform([50], x[0], 1) * 1]);
        Tensors first = plan.Run(Tensor.From(7L, 0L));
        Tensor one = first[0].Keep(), other = first[1].Keep();
        SameBits(first[2], one);
        Assert.NotEqual(one.ToArray<float>(), other.ToArray<float>());
        Assert.NotEqual(one.ToArray<float>(), plan.Run(Tensor.From(7L, 1L))[0].ToArray<float>());
        Assert.NotEqual(one.ToArray<float>(), plan.Run(Tensor.From(8L, 0L))[0].ToArray<float>());
        SameBits(plan.Run(Tensor.From(7L, 0L))[0], one);
        SameBits(one, Tensor.RandomUniform([50], Tensor.From(7L, 0L), 1));
    }

    [Fact]
    public void Empty_values_are_no_trouble()
    {
        var plan = new Plan(x => [x[0].MatMul(x[1]) + 1, (x[0] * 2).Sum([0])]);
        Tensors results = plan.Run(Drawn([0, 3], 1), Drawn([3, 2], 2));
        Assert.Equal((0, 2), (results[0].Shape[0], results[0].Shape[1]));
        Equal(results[1], 0, 0, 0);
    }

    [Fact]
    public void An_op_that_refuses_while_recording_leaves_the_plan_usable()
    {
        var plan = new Plan(x => x[0].MatMul(x[1]));
        var error = Assert.Throws<TensorException>(() => plan.Run(Drawn([2, 3], 1), Drawn([4, 2], 2)));
        Assert.StartsWith("matmul: (2, 3) × (4, 2)", error.Message);
        Assert.Equal(0, plan.Recordings);
        SameBits(plan.Run(Drawn([2, 3], 1), Drawn([3, 2], 2))[0], Drawn([2, 3], 1).MatMul(Drawn([3, 2], 2)));
    }
}
