using System.Collections.Concurrent;
using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using static Lamina.Tensors.Ops.TensorOps;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Training;

/// <summary>One object for several threads: it works, or the second caller gets an exception at once, and nothing hangs.</summary>
public class ConcurrentUseTests
{
    private static readonly Tensor s_inputs = Tensor.RandomUniform((64, 9, 6), Tensor.From(1L, 2L), 3), s_labels = Tensor.From([.. Enumerable.Range(0, 64).Select(i => i % 4)]);

    private static Sequential Network() => new(new Lstm(24), new Flatten(), new Linear(4));

    private static DataLoader Loader(int size = 16) => new(new TensorDataset(s_inputs, s_labels), BatchOptions.Evaluation with { Size = size });

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
        foreach (Thread thread in threads) Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "a thread hangs");
        return [.. thrown];
    }

    [Fact]
    public void An_evaluator_of_several_threads_gives_the_right_score_or_an_exception()
    {
        Sequential network = Network();
        var evaluator = new Evaluator(network, new CrossEntropy());
        double loss = evaluator.Run(Loader(), []).Loss;
        int right = 0;
        Exception[] thrown = OnThreads(4, _ =>
        {
            DataLoader loader = Loader();
            for (int run = 0; run < 20; run++)
            {
                try
                {
                    Assert.Equal(loss, evaluator.Run(loader, [new Accuracy()]).Loss);
                    Interlocked.Increment(ref right);
                }
                catch (ConcurrentUseException e) { Assert.Contains("try one evaluator for each thread", e.Message); }
            }
        });
        Assert.Empty(thrown);
        Assert.True(right > 0);
        Assert.Equal(loss, evaluator.Run(Loader(), []).Loss);
    }

    [Fact]
    public void A_second_evaluation_leaves_the_metrics_of_the_first_alone()
    {
        var evaluator = new Evaluator(Network(), new CrossEntropy());
        var accuracy = new Accuracy();
        Scores scores = evaluator.Run(Loader(), [accuracy], null, (_, _) => Assert.Throws<ConcurrentUseException>(() => evaluator.Run(Loader(), [accuracy])));
        Assert.Equal([.. accuracy.Totals], [Math.Round(scores["accuracy"] * 64), 64.0]);
    }

    [Fact]
    public void Evaluators_of_one_network_run_at_the_same_time()
    {
        Sequential network = Network();
        double loss = new Evaluator(network, new CrossEntropy()).Run(Loader(), []).Loss;
        Assert.Empty(OnThreads(3, _ => Assert.Equal(loss, new Evaluator(network, new CrossEntropy()).Run(Loader(), []).Loss)));
    }

    [Fact]
    public void A_training_step_of_several_threads_is_refused_or_whole()
    {
        Sequential network = Network(), alone = Network();
        network.Build([9, 6]);
        network.Initialize(1);
        alone.Build([9, 6]);
        alone.Initialize(1);
        TrainStep step = new(network, new CrossEntropy(), new Sgd()), reference = new(alone, new CrossEntropy(), new Sgd());
        var batch = new Batch(s_inputs, s_labels);
        int done = 0;
        Exception[] thrown = OnThreads(4, _ =>
        {
            for (int run = 0; run < 20; run++)
            {
                try
                {
                    step.Run(batch, 0, 0.01);
                    Interlocked.Increment(ref done);
                }
                catch (ConcurrentUseException) { }
            }
        });
        Assert.Empty(thrown);
        // Whole steps only: as many of them one after the other come to the same bits.
        for (int i = 0; i < done; i++) reference.Run(batch, 0, 0.01);
        foreach ((NamedVariable expected, NamedVariable actual) in alone.Variables.Zip(network.Variables))
            Assert.Equal(expected.Variable.Value.ToArray<float>(), actual.Variable.Value.ToArray<float>());
    }

    [Fact]
    public void The_result_of_a_step_is_an_error_after_the_next_one()
    {
        var step = new TrainStep(Network(), new CrossEntropy(), new Sgd());
        var batch = new Batch(s_inputs, s_labels);
        StepResult first = step.Run(batch, 0, 0.01);
        Tensor kept = first.Loss.Keep();
        double loss = first.Loss.Item();
        StepResult second = step.Run(batch, 1, 0.01);
        Assert.Contains("Keep() on the result before the next run", Assert.Throws<TensorException>(() => first.Loss.Item()).Message);
        Assert.Throws<TensorException>(() => first.Prediction.ArgMax());
        Assert.Equal(loss, kept.Item());
        Assert.NotEqual(loss, second.Loss.Item());
    }

    [Fact]
    public void A_weight_that_was_read_before_a_step_is_never_another_steps()
    {
        var layer = new Linear(4);
        var step = new TrainStep(new Sequential(new Flatten(), layer), new CrossEntropy(), new Sgd());
        var batch = new Batch(s_inputs, s_labels);
        step.Run(batch, 0, 0.01);
        Tensor before = layer.Weight.Value, kept = before.Keep();
        step.Run(batch, 1, 0.01);
        Assert.Contains("had updated the variable in place", Assert.Throws<TensorException>(() => before.ToArray<float>()).Message);
        Assert.NotEqual(kept.ToArray<float>(), layer.Weight.Value.ToArray<float>());
    }

    [Fact]
    public void A_trainer_at_work_refuses_another_Fit()
    {
        var trainer = new Trainer(Network(), new CrossEntropy(), new Adam(), new TrainerOptions { Epochs = 2 });
        int refused = 0;
        Finished finished = trainer.Fit(Loader(), null, e =>
        {
            if (e is not StepDone) return;
            var error = Assert.Throws<ConcurrentUseException>(() => trainer.Fit(Loader()));
            Assert.Contains("this trainer is at work already", error.Message);
            refused++;
        });
        Assert.Equal((8, 8L), (refused, finished.Steps));
    }

    [Fact]
    public void Trainers_of_their_own_share_an_optimizer()
    {
        var adam = new Adam();
        Assert.Empty(OnThreads(3, i => new Trainer(Network(), new CrossEntropy(), adam, new TrainerOptions { Epochs = 2, Seed = i }).Fit(Loader())));
    }

    [Fact]
    public void A_loader_gives_every_thread_its_own_loop()
    {
        DataLoader loader = Loader(8);
        Exception[] thrown = OnThreads(4, _ =>
        {
            for (int epoch = 0; epoch < 10; epoch++)
            {
                int row = 0;
                foreach (Batch batch in loader.Epoch(epoch))
                {
                    Assert.Equal(s_inputs[row..(row + 8)].ToArray<float>(), batch.Input.ToArray<float>());
                    row += 8;
                }
                Assert.Equal(64, row);
            }
        });
        Assert.Empty(thrown);
    }

    [Fact]
    public void A_batch_is_an_error_after_the_next_one_was_asked_for()
    {
        DataLoader loader = Loader(8);
        var batches = new List<Batch>();
        foreach (Batch batch in loader.Epoch(0))
        {
            foreach (Batch earlier in batches.TakeLast(2))
                Assert.Contains("a batch's tensor", Assert.Throws<TensorException>(() => earlier.Input.ToArray<float>()).Message);
            batches.Add(batch);
        }
        Tensor kept = loader.Dataset.Take([3]).Input;
        foreach (Batch _ in loader.Epoch(0)) { }
        Assert.Equal(s_inputs[3..4].ToArray<float>(), kept.ToArray<float>());
        // A first batch that was taken out of a loop stays until the loader is used again.
        Batch first = loader.Epoch(0).First();
        Assert.Equal(s_inputs[..8].ToArray<float>(), first.Input.ToArray<float>());
    }

    [Fact]
    public void Batches_in_a_parallel_loop_are_right_or_refused()
    {
        DataLoader loader = Loader(4);
        float[][] expected = [.. Enumerable.Range(0, 16).Select(i => s_inputs[(4 * i)..(4 * i + 4)].ToArray<float>())];
        for (int round = 0; round < 20; round++)
            Parallel.ForEach(loader.Epoch(0), new ParallelOptions { MaxDegreeOfParallelism = 4 }, batch =>
            {
                try
                {
                    int index = batch.Index;
                    float[] found = batch.Input.ToArray<float>();
                    Assert.Contains(expected, e => e.AsSpan().SequenceEqual(found));
                }
                catch (TensorException e) { Assert.Contains("a batch's tensor", e.Message); }
            });
    }

    [Fact]
    public void The_first_input_may_come_from_several_threads()
    {
        for (int round = 0; round < 20; round++)
        {
            var network = new Sequential(new Conv2d(8, 3), new BatchNorm(), new Flatten(), new Linear(16), new LayerNorm(), new Linear(4));
            Tensor x = Tensor.RandomUniform((2, 9, 9, 2), Tensor.From(5L, (long)round), 1);
            var results = new ConcurrentBag<float[]>();
            Assert.Empty(OnThreads(4, _ => results.Add(network.Forward(x).ToArray<float>())));
            Assert.All(results, r => Assert.Equal(network.Forward(x).ToArray<float>(), r));
        }
    }

    [Fact]
    public void First_inputs_of_two_sizes_build_one_network_and_the_other_is_refused()
    {
        for (int round = 0; round < 50; round++)
        {
            var layer = new Linear(3);
            Exception[] thrown = OnThreads(2, i => layer.Forward(Tensor.Ones((2, 4 + i))));
            Assert.IsType<TensorException>(Assert.Single(thrown));
        }
    }

    [Fact]
    public async Task First_passes_and_summaries_do_not_wait_for_each_other()
    {
        // Both trace, and tracing prepares: with a lock for each, one thread held what the other waited for.
        Tensor x = Tensor.Ones([2, 3]);
        Task work = Task.Run(() => OnThreads(2, thread =>
        {
            for (int i = 0; i < 200; i++)
            {
                var network = new Sequential(new Linear(4), new Relu(), new Linear(2));
                if (thread == 0) network.Forward(x);
                else network.Build([3]);
            }
        }), TestContext.Current.CancellationToken);
        // A minute is far beyond what 400 small networks take; the threads would wait for each other without end.
        await work.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
