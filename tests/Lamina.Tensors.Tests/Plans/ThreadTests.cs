namespace Lamina.Tensors.Tests.Plans;

using System.Collections.Concurrent;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Tests.Plans.Steps;

/// <summary>Several threads at once: right numbers or an exception, and nothing hangs.</summary>
public unsafe class ThreadTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs an action on so many threads that begin together; what they throw comes back, a hang fails.</summary>
    private static Exception[] OnThreads(int count, Action<int> action)
    {
        var thrown = new ConcurrentQueue<Exception>();
        using var start = new Barrier(count);
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            try { action(i); }
            catch (Exception e) { thrown.Enqueue(e); }
        }) { IsBackground = true })];
        foreach (Thread thread in threads) thread.Start();
        DateTime end = DateTime.UtcNow + s_patience;
        foreach (Thread thread in threads) Assert.True(thread.Join(end > DateTime.UtcNow ? end - DateTime.UtcNow : TimeSpan.Zero), "a thread hangs");
        return [.. thrown];
    }

    private static Func<Tensors, Tensors> Recurrent(int seed)
    {
        Tensor input = Drawn([24, 4 * 64], seed), state = Drawn([64, 4 * 64], seed + 1) * 0.2, bias = Drawn([4 * 64], seed + 2);
        return x =>
        {
            (Tensor states, Tensor cell) = x[0].Lstm(input, state, bias);
            return [states, cell];
        };
    }

    [Theory]
    [InlineData(40)]
    [InlineData(1)]
    public void A_plan_of_several_threads_gives_right_numbers_or_an_exception(int batch)
    {
        Func<Tensors, Tensors> step = Recurrent(1);
        var plan = new Plan(step);
        Tensor[] inputs = [.. Enumerable.Range(0, 4).Select(i => Drawn([batch, 12, 24], 10 + i))];
        float[][] expected = [.. inputs.Select(x => step(new Tensors([x]))[0].ToArray<float>())];
        int right = 0, refused = 0;
        Exception[] thrown = OnThreads(4, i =>
        {
            for (int run = 0; run < 100; run++)
            {
                try
                {
                    Assert.Equal(expected[i], plan.Run(inputs[i])[0].ToArray<float>());
                    Interlocked.Increment(ref right);
                }
                catch (ConcurrentUseException e)
                {
                    Assert.Contains("try one plan for each thread", e.Message);
                    Interlocked.Increment(ref refused);
                }
                // Another thread's run began before the result was read.
                catch (TensorException e) when (e.Message.Contains("overwritten")) { Interlocked.Increment(ref refused); }
            }
        });
        Assert.Empty(thrown);
        Assert.Equal(400, right + refused);
        Assert.Equal(expected[0], plan.Run(inputs[0])[0].ToArray<float>());
    }

    [Fact]
    public void Plans_of_their_own_run_at_the_same_time()
    {
        Tensor[] inputs = [.. Enumerable.Range(0, 4).Select(i => Drawn([33, 9, 24], 20 + i))];
        Exception[] thrown = OnThreads(4, i =>
        {
            Func<Tensors, Tensors> step = Recurrent(30 + i);
            var plan = new Plan(step);
            Tensors expected = step(new Tensors([inputs[i]]));
            for (int run = 0; run < 60; run++)
            {
                Tensors found = plan.Run(inputs[i]);
                SameBits(found[0], expected[0]);
                SameBits(found[1], expected[1]);
            }
        });
        Assert.Empty(thrown);
    }

    [Fact]
    public void A_plan_that_calls_itself_is_refused_and_goes_on_to_work()
    {
        Plan? plan = null;
        bool again = true;
        plan = new Plan(x => again ? plan!.Run(x[0])[0] : x[0] * 2);
        Assert.Throws<ConcurrentUseException>(() => plan.Run(Vector(1)));
        again = false;
        Equal(plan.Run(Vector(1))[0], 2);
    }

    [Fact]
    public void Plans_that_update_the_same_variables_take_turns_or_are_refused()
    {
        var w = new Variable(Tensor.Zeros([20_000]));
        Plan[] plans = [.. Enumerable.Range(0, 3).Select(_ => new Plan(x =>
        {
            w.Value = w.Value + x[0];
            return default(Tensors);
        }))];
        var reads = new Plan(_ => (w.Value - w.Value[0]).Abs().Sum());
        foreach (Plan plan in plans) plan.Run(Tensor.Of(1f));
        reads.Run();
        int done = 3;
        Exception[] thrown = OnThreads(4, i =>
        {
            for (int run = 0; run < 500; run++)
            {
                try
                {
                    if (i == 3) Assert.Equal(0, reads.Run()[0].Item());
                    else
                    {
                        plans[i].Run(Tensor.Of(1f));
                        Interlocked.Increment(ref done);
                    }
                }
                catch (ConcurrentUseException) { }
            }
        });
        Assert.Empty(thrown);
        Assert.True(done > 3);
        Assert.Equal(Enumerable.Repeat((float)done, 20_000), w.Value.ToArray<float>());
    }

    [Fact]
    public void A_variables_first_value_is_made_once()
    {
        for (int round = 0; round < 50; round++)
        {
            var variable = new Late();
            var seen = new ConcurrentBag<Tensor>();
            Assert.Empty(OnThreads(4, _ => seen.Add(variable.Value)));
            Assert.All(seen, value => Assert.Same(variable.Value, value));
        }
    }

    private sealed class Late : Variable
    {
        protected override Tensor? CreateValue() => Drawn([100], 1);
    }

    public static TheoryData<string, Func<int, Tensor>> Ops => new()
    {
        { "matmul", i => Drawn([70, 130], i).MatMul(Drawn([130, 90], i + 1)) },
        { "batched matmul", i => Drawn([6, 20, 30], i).MatMul(Drawn([6, 30, 40], i + 1)) },
        { "convolution", i => Drawn([3, 18, 17, 16], i).Conv2d(Drawn([3, 3, 16, 24], i + 1), padding: (1, 1, 1, 1)) },
        { "convolution of one channel", i => Drawn([3, 20, 20, 1], i).Conv2d(Drawn([5, 5, 1, 8], i + 1)) },
        { "depthwise convolution", i => Drawn([2, 19, 19, 16], i).Conv2d(Drawn([3, 3, 1, 16], i + 1), groups: 16) },
        { "lstm", i => Recurrent(i)(new Tensors([Drawn([33, 7, 24], i + 9)]))[0] },
        { "one sequence through an lstm", i => Recurrent(i)(new Tensors([Drawn([1, 20, 24], i + 9)]))[0] },
        { "attention", i => Drawn([2, 40, 3 * 64], i).SelfAttention(4, causal: true) },
        { "sum", i => Drawn([50, 300], i).Sum([0]) },
        { "mean and maximum", i => Drawn([50, 300], i).Mean([1]) + Drawn([50, 300], i + 1).Max([1]) },
        { "softmax", i => Drawn([64, 100], i).Softmax() },
        { "layer norm", i => Drawn([64, 96], i).LayerNorm(Drawn([96], i + 1), Drawn([96], i + 2)) },
        { "random numbers", i => Tensor.RandomNormal([200, 70], Tensor.From(5L, (long)i), 3) },
        { "a chain over views", i => (Drawn([80, 90], i).T[5..] * 2 + 1).Relu().Sum([1]) },
        { "sorting", i => Drawn([40, 200], i).Sort().Values },
        { "a gradient", i =>
        {
            var w = new Weight(Drawn([3, 3, 8, 8], i));
            return Gradient.Of(Drawn([2, 12, 12, 8], i + 1).Conv2d(w.Value).Tanh().Sum(), [w])[w];
        } },
    };

    [Theory]
    [MemberData(nameof(Ops), DisableDiscoveryEnumeration = true)]
    public void Ops_of_several_threads_have_the_bits_of_one_thread(string what, Func<int, Tensor> op)
    {
        byte[][] expected = [.. Enumerable.Range(0, 4).Select(i => op(10 * i).ReadBytes().ToArray())];
        Exception[] thrown = OnThreads(4, i =>
        {
            for (int run = 0; run < 12; run++) Assert.True(op(10 * i).ReadBytes().SequenceEqual(expected[i]), $"{what}: thread {i}, run {run} differs");
        });
        Assert.Empty(thrown);
    }

    [Fact]
    public void Different_ops_of_several_threads_have_the_bits_of_one_thread()
    {
        Func<int, Tensor>[] ops = [.. Ops.Select(row => row.Data.Item2)];
        byte[][] expected = [.. ops.Select(op => op(3).ReadBytes().ToArray())];
        Exception[] thrown = OnThreads(6, i =>
        {
            for (int run = 0; run < 3 * ops.Length; run++)
            {
                int at = (run * (i + 1) + i) % ops.Length;
                Assert.True(ops[at](3).ReadBytes().SequenceEqual(expected[at]), $"op {at} of thread {i}, run {run} differs");
            }
        });
        Assert.Empty(thrown);
    }

    [Fact]
    public void An_op_that_fails_in_a_region_fails_for_its_caller_alone()
    {
        Tensor logits = Drawn([2000, 5], 1), good = Tensor.From([.. Enumerable.Range(0, 2000).Select(i => i % 5)]), bad = Tensor.From([.. Enumerable.Range(0, 2000).Select(i => i == 1999 ? 5 : i % 5)]);
        float[] expected = logits.CrossEntropy(good).ToArray<float>();
        Exception[] thrown = OnThreads(4, i =>
        {
            for (int run = 0; run < 200; run++)
                if (i % 2 == 0) Assert.Equal(expected, logits.CrossEntropy(good).ToArray<float>());
                else Assert.Throws<TensorException>(() => logits.CrossEntropy(bad));
        });
        Assert.Empty(thrown);
    }

    [Fact]
    public void Changing_the_number_of_threads_under_running_ops_changes_no_result()
    {
        int before = CpuPool.Shared.Threads;
        Tensor x = Drawn([33, 7, 24], 1);
        Func<Tensors, Tensors> step = Recurrent(5);
        byte[] expected = step(new Tensors([x]))[0].ReadBytes().ToArray();
        try
        {
            Exception[] thrown = OnThreads(3, i =>
            {
                for (int run = 0; run < 40; run++)
                    if (i == 0) CpuPool.SetThreads(1 + run % 4);
                    else Assert.True(step(new Tensors([x]))[0].ReadBytes().SequenceEqual(expected));
            });
            Assert.Empty(thrown);
        }
        finally
        {
            CpuPool.SetThreads(before);
        }
    }

    [Fact]
    public void A_failure_in_a_chain_of_steps_leaves_nobody_waiting()
    {
        int* counters = stackalloc int[StepTickets.Bytes / sizeof(int)];
        for (int round = 0; round < 200; round++)
        {
            new Span<int>(counters, StepTickets.Bytes / sizeof(int)).Clear();
            nint at = (nint)counters;
            int failing = round % 12;
            Exception[] thrown = OnThreads(3, i =>
            {
                var tickets = new StepTickets((int*)at, 6, 3, i);
                try
                {
                    while (tickets.Next(out int step, out int block))
                    {
                        if (3 * step + block == failing) throw new InvalidOperationException("failed");
                        tickets.Finish();
                    }
                }
                catch
                {
                    tickets.Abandon();
                    throw;
                }
            });
            Assert.IsType<InvalidOperationException>(Assert.Single(thrown));
        }
    }
}
