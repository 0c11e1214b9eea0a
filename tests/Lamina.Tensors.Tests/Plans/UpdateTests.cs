namespace Lamina.Tensors.Tests.Plans;

using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Tests.Plans.Steps;

/// <summary>Variables that a plan reads and writes.</summary>
public class UpdateTests
{
    [Fact]
    public void An_update_happens_in_the_variables_own_memory()
    {
        var w = new Variable(Vector(1, 2));
        var plan = new Plan(x =>
        {
            w.Value = w.Value - x[0] * 0.5;
            return default(Tensors);
        });
        plan.Run(Vector(2, 4));
        Tensor after = w.Value;
        plan.Run(Vector(2, 4));
        Equal(w.Value, -1, -2);
        Assert.Same(after.Memory, w.Value.Memory);
        Assert.True(after.IsOverwritten);
        Assert.Equal(0, plan.SlabBytes);
    }

    [Fact]
    public void A_value_that_the_caller_keeps_is_not_changed_by_the_first_run()
    {
        Tensor given = Vector(1, 2);
        var w = new Variable(given);
        new Plan(x =>
        {
            w.Value = w.Value + x[0];
            return default(Tensors);
        }).Run(Vector(1, 1));
        Equal(w.Value, 2, 3);
        Equal(given, 1, 2);
    }

    [Fact]
    public void Two_variables_can_be_swapped()
    {
        var a = new Variable(Vector(1, 2));
        var b = new Variable(Vector(3, 4));
        var plan = new Plan(_ =>
        {
            (a.Value, b.Value) = (b.Value, a.Value);
            return default(Tensors);
        });
        plan.Run();
        Equal(a.Value, 3, 4);
        Equal(b.Value, 1, 2);
        plan.Run();
        Equal(a.Value, 1, 2);
        Equal(b.Value, 3, 4);
    }

    [Fact]
    public void Two_variables_can_be_swapped_through_a_computation()
    {
        var a = new Variable(Vector(1, 2));
        var b = new Variable(Vector(3, 4));
        var plan = new Plan(x =>
        {
            (a.Value, b.Value) = (b.Value + x[0], a.Value * x[0]);
            return default(Tensors);
        });
        plan.Run(Vector(10, 10));
        Equal(a.Value, 13, 14);
        Equal(b.Value, 10, 20);
    }

    [Fact]
    public void Reading_after_writing_gives_the_new_value()
    {
        var w = new Variable(Vector(1, 2));
        var plan = new Plan(x =>
        {
            Tensor before = w.Value * 1;
            w.Value = w.Value + x[0];
            w.Value = w.Value * 10;
            return [before, w.Value + 0];
        });
        for (int run = 0; run < 2; run++)
        {
            w.Value = Vector(1, 2);
            Tensors results = plan.Run(Vector(1, 1));
            Equal(results[0], 1, 2);
            Equal(results[1], 20, 30);
            Equal(w.Value, 20, 30);
        }
    }

    [Fact]
    public void The_old_value_is_still_there_for_who_reads_it_later()
    {
        var w = new Variable(Drawn([4, 4], 1));
        Tensor x = Drawn([4, 4], 2), old = w.Value.Keep();
        var plan = new Plan(t =>
        {
            Tensor before = w.Value;
            w.Value = before - t[0];
            return before.MatMul(t[0]);
        });
        SameBits(plan.Run(x)[0], old.MatMul(x));
        SameBits(w.Value, old - x);
    }

    [Fact]
    public void A_chain_that_reads_the_old_value_after_writing_the_new_one_reads_the_old_one()
    {
        var w = new Variable(Vector(1, 2));
        var plan = new Plan(x =>
        {
            Tensor before = w.Value, after = before + x[0];
            w.Value = after;
            return after.Tanh() * 0 + before;
        });
        Equal(plan.Run(Vector(5, 5))[0], 1, 2);
        Equal(w.Value, 6, 7);
    }

    [Theory]
    [InlineData("view of a result")]
    [InlineData("view of an input")]
    [InlineData("view of itself")]
    [InlineData("input")]
    [InlineData("constant")]
    [InlineData("broadcast constant")]
    [InlineData("other variable")]
    [InlineData("result")]
    public void An_update_may_be(string what)
    {
        var w = new Variable(Drawn([2, 2], 1));
        var other = new Variable(Drawn([2, 2], 2));
        Tensor constant = Drawn([2, 2], 3), input = Drawn([2, 2], 4);
        Tensor New(Tensor x) => what switch
        {
            "view of a result" => (x + other.Value).T,
            "view of an input" => x.T,
            "view of itself" => w.Value.T,
            "input" => x,
            "constant" => constant,
            "broadcast constant" => Tensor.Zeros([2, 2]) + Tensor.ZerosLike(constant),
            "other variable" => other.Value,
            _ => x * 2,
        };
        var plan = new Plan(x =>
        {
            w.Value = New(x[0]);
            return x[0] + 1;
        });
        for (int run = 0; run < 2; run++)
        {
            Tensor expected = New(input).Keep(), kept = other.Value.Keep();
            plan.Run(input);
            SameBits(w.Value, expected);
            SameBits(other.Value, kept);
        }
    }

    [Fact]
    public void An_update_that_is_also_returned_is_both()
    {
        var w = new Variable(Vector(1, 2));
        var plan = new Plan(x => w.Value = w.Value + x[0]);
        Equal(plan.Run(Vector(1, 1))[0], 2, 3);
        Equal(plan.Run(Vector(1, 1))[0], 3, 4);
        Equal(w.Value, 3, 4);
    }

    [Fact]
    public void One_value_may_update_two_variables_that_then_go_their_own_ways()
    {
        var a = new Variable(Vector(0, 0));
        var b = new Variable(Vector(0, 0));
        new Plan(x =>
        {
            Tensor y = x[0] * 2;
            a.Value = y;
            b.Value = y;
            return default(Tensors);
        }).Run(Vector(1, 2));
        new Plan(x =>
        {
            a.Value = a.Value + x[0];
            return default(Tensors);
        }).Run(Vector(1, 1));
        Equal(a.Value, 3, 5);
        Equal(b.Value, 2, 4);
    }

    [Fact]
    public void A_variable_given_another_value_between_runs_is_found_again()
    {
        var read = new Variable(Vector(1, 2));
        var written = new Variable(Vector(0, 0));
        var plan = new Plan(x =>
        {
            written.Value = written.Value + read.Value * x[0];
            return read.Value;
        });
        plan.Run(Vector(1, 1));
        Tensor mine = Vector(10, 20);
        read.Value = Vector(3, 3);
        written.Value = mine;
        Equal(plan.Run(Vector(1, 1))[0], 3, 3);
        Equal(written.Value, 13, 23);
        Equal(mine, 10, 20);
    }

    [Fact]
    public void Variables_that_show_the_same_memory_are_updated_apart()
    {
        Tensor shared = Vector(1, 2);
        var a = new Variable(shared);
        var b = new Variable(shared);
        var plan = new Plan(x =>
        {
            a.Value = a.Value + x[0];
            b.Value = b.Value * x[0];
            return default(Tensors);
        });
        plan.Run(Vector(10, 10));
        Equal(a.Value, 11, 12);
        Equal(b.Value, 10, 20);
        Equal(shared, 1, 2);
    }

    [Fact]
    public void A_plans_result_given_to_a_variable_stays_as_it_is()
    {
        var plan = new Plan(x => x[0] * 2);
        var best = new Variable(plan.Run(Vector(1, 2))[0]);
        plan.Run(Vector(5, 5));
        Equal(best.Value, 2, 4);
    }

    [Fact]
    public void A_variable_that_takes_over_anothers_value_between_runs_keeps_its_own()
    {
        var a = new Variable(Vector(1, 2));
        var b = new Variable(Vector(5, 6));
        var plan = new Plan(x =>
        {
            a.Value = a.Value + x[0];
            return b.Value + 0;
        });
        plan.Run(Vector(1, 1));
        b.Value = a.Value;
        Equal(plan.Run(Vector(1, 1))[0], 2, 3);
        Equal(a.Value, 3, 4);
        Equal(b.Value, 2, 3);
    }
}
