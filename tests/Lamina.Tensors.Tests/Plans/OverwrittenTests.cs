namespace Lamina.Tensors.Tests.Plans;

using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Tests.Plans.Steps;

/// <summary>Results of a run are valid until the next one: what is read later is an error, never another run's numbers.</summary>
public class OverwrittenTests
{
    private static Plan Doubles() => new(x => x[0] * 2);

    public static TheoryData<string, Action<Tensor>> Reads => new()
    {
        { "an element", x => x.Element(0) },
        { "an item", x => x[0].Item() },
        { "an array", x => x.ToArray<float>() },
        { "a span", x => x.Read<float>() },
        { "bytes", x => x.ReadBytes() },
        { "a copy", x => x.Keep() },
        { "a view", x => x[1..].ToArray<float>() },
        { "a reshaped view", x => x.Reshape(2, 1).Read<float>() },
        { "an operand", x => (x + 1).Sum().Item() },
        { "the second operand", x => Drawn([1, 2], 1).MatMul(x.Unsqueeze(1)) },
        { "an operand of a view that is copied", x => x.Flip().Sum() },
        { "an input of another plan", x => Doubles().Run(x) },
        { "a constant of another plan", x => new Plan(y => y[0] + x).Run(Vector(1, 1)) },
        { "a variable's value", x => _ = new Variable(x) },
        { "tracking it", x => (x.Track() * 2).Sum() },
    };

    [Theory]
    [MemberData(nameof(Reads), DisableDiscoveryEnumeration = true)]
    public void Reading_a_result_after_the_next_run_is_an_error(string what, Action<Tensor> read)
    {
        Plan plan = Doubles();
        Tensor first = plan.Run(Vector(1, 2))[0];
        if (what != "an item") Assert.Null(Record.Exception(() => read(first)));
        for (int run = 0; run < 3; run++)
        {
            Equal(plan.Run(Vector(3, 4))[0], 6, 8);
            var error = Assert.Throws<TensorException>(() => read(first));
            Assert.Contains("after the next run of its plan or step, which has overwritten it", error.Message);
            Assert.Contains("try Keep() on the result before the next run", error.Message);
        }
    }

    [Fact]
    public void Keep_before_the_next_run_is_the_way_out()
    {
        Plan plan = Doubles();
        Tensor kept = plan.Run(Vector(1, 2))[0].Keep();
        Equal(plan.Run(Vector(3, 4))[0], 6, 8);
        Equal(kept, 2, 4);
    }

    [Fact]
    public void A_view_from_before_is_an_error_for_ever()
    {
        Plan plan = Doubles();
        Tensor view = plan.Run(Vector(1, 2))[0][1..];
        for (int run = 0; run < 200; run++)
        {
            plan.Run(Vector(3, 4));
            Assert.Throws<TensorException>(() => view.Item());
        }
    }

    [Fact]
    public void Results_that_were_collected_over_a_loop_are_an_error()
    {
        Plan plan = Doubles();
        var collected = new List<Tensor>();
        for (int run = 0; run < 150; run++) collected.Add(plan.Run(Vector(run, 0))[0]);
        Assert.Equal(298, collected[^1].Element(0));
        // 61 tensors take turns: of 150 runs, two have the latest one's.
        Assert.Equal(147, collected.Count(x => Record.Exception(() => x.Element(0)) is TensorException));
    }

    [Fact]
    public void Another_shapes_results_stay_as_they_are()
    {
        Plan plan = Doubles();
        Tensor two = plan.Run(Vector(1, 2))[0];
        Equal(plan.Run(Vector(1, 2, 3))[0], 2, 4, 6);
        Equal(two, 2, 4);
    }

    [Fact]
    public void A_result_may_be_the_next_runs_input()
    {
        var plan = new Plan(x => x[0].MatMul(x[1]));
        Tensor power = Drawn([3, 3], 1), a = power, expected = power;
        for (int i = 0; i < 5; i++)
        {
            power = plan.Run(power, a)[0];
            expected = expected.MatMul(a);
        }
        SameBits(power, expected);
    }

    [Fact]
    public void A_variables_value_may_be_the_input_of_the_plan_that_updates_it()
    {
        var w = new Variable(Vector(1, 2));
        var plan = new Plan(x =>
        {
            w.Value = w.Value + x[0];
            return x[0] * 3;
        });
        for (int i = 0; i < 3; i++) plan.Run(w.Value);
        Equal(w.Value, 8, 16);
        Equal(plan.Run(w.Value)[0], 24, 48);
    }

    [Fact]
    public void A_constant_keeps_the_value_that_it_had_when_the_plan_was_recorded()
    {
        Plan other = Doubles();
        Tensor constant = other.Run(Vector(1, 2))[0];
        var plan = new Plan(x => x[0] + constant);
        Equal(plan.Run(Vector(0, 0))[0], 2, 4);
        other.Run(Vector(5, 5));
        Equal(plan.Run(Vector(1, 1))[0], 3, 5);
    }

    [Fact]
    public void A_variables_value_from_before_an_update_in_place_is_an_error()
    {
        var w = new Variable(Vector(1, 2));
        var plan = new Plan(x =>
        {
            w.Value = w.Value + x[0];
            return default(Tensors);
        });
        Tensor first = w.Value;
        plan.Run(Vector(1, 1));
        Equal(first, 1, 2);
        Tensor second = w.Value;
        Equal(second, 2, 3);
        plan.Run(Vector(1, 1));
        Equal(w.Value, 3, 4);
        var error = Assert.Throws<TensorException>(() => second.ToArray<float>());
        Assert.Contains("after a plan or step had updated the variable in place", error.Message);
        Assert.Contains("overwritten", second.ToString());
    }

    [Fact]
    public void A_result_of_a_run_that_failed_is_not_read()
    {
        var plan = new Plan(x => x[0].CrossEntropy(x[1]));
        Tensor first = plan.Run(Drawn([2, 3], 1), Tensor.From(0, 2))[0];
        Assert.Throws<TensorException>(() => plan.Run(Drawn([2, 3], 1), Tensor.From(0, 7)));
        Assert.Throws<TensorException>(() => first.Element(0));
        SameBits(plan.Run(Drawn([2, 3], 1), Tensor.From(0, 2))[0], Drawn([2, 3], 1).CrossEntropy(Tensor.From(0, 2)));
    }
}
