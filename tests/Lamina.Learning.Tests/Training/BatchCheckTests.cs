using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Training;

/// <summary>Batches that are too small for a layer are known before the first step.</summary>
public class BatchCheckTests
{
    private static DataLoader Loader(int count, int size, Shape? example = null)
    {
        Shape inputs = (example ?? [3]).Insert(0, count);
        Tensor x = Tensor.Create<float>(inputs, v => { for (int i = 0; i < v.Length; i++) v[i] = MathF.Sin(i); });
        return new(new TensorDataset(x, Tensor.Full([count, 2], 0.5)), BatchOptions.Training with { Size = size, Last = LastBatch.Keep });
    }

    private static Sequential Network(Layer norm) => new(new Linear(4), norm, new Linear(2));

    private static (Finished End, List<TrainingEvent> Told) Train(Layer model, DataLoader loader)
    {
        var told = new List<TrainingEvent>();
        return (new Trainer(model, new MeanSquaredError(), new Sgd(), new TrainerOptions { Epochs = 2 }).Fit(loader, loader, told.Add), told);
    }

    [Fact]
    public void A_last_batch_of_one_is_left_out_of_training()
    {
        (Finished end, List<TrainingEvent> told) = Train(Network(new BatchNorm()), Loader(9, 4));
        Assert.Equal((FinishReason.Completed, 4), (end.Reason, end.Steps)); // two batches of four, twice
        Assert.Equal("the last batch of each epoch has 1 example, too few for [1]: it is left out of training", Assert.Single(told.OfType<Noted>()).Message);
        Assert.All(told.OfType<StepDone>(), s => Assert.Equal(4, s.Examples));
    }

    [Theory]
    [InlineData(10)] // the last batch has two
    [InlineData(12)]
    public void Others_are_trained_on(int count)
    {
        (Finished end, List<TrainingEvent> told) = Train(Network(new BatchNorm()), Loader(count, 4));
        Assert.Equal(6, end.Steps);
        Assert.Empty(told.OfType<Noted>());
    }

    [Fact]
    public void A_layer_that_looks_at_one_example_takes_any_batch() => Assert.Equal(6, Train(Network(new LayerNorm()), Loader(9, 4)).End.Steps);

    // An image has many values for each channel, so one image is enough for a batch norm.
    [Fact]
    public void One_image_is_enough() =>
        Assert.Equal(6, Train(new Sequential(new Conv2d(4, 3), new BatchNorm(), new GlobalAveragePool(), new Linear(2)), Loader(9, 4, [5, 5, 3])).End.Steps);

    public static TheoryData<string> Hopeless => ["batch of one", "set of one", "group", "instance", "feature"];

    [Theory]
    [MemberData(nameof(Hopeless))]
    public void What_cannot_be_trained_at_all_is_said_before_the_first_step(string name)
    {
        (Layer norm, DataLoader loader) = name switch
        {
            "batch of one" => ((Layer)new BatchNorm(), Loader(9, 1)),
            "set of one" => (new BatchNorm(), Loader(1, 4)),
            "group" => (new GroupNorm(4), Loader(8, 4)),
            "instance" => (new GroupNorm(4), Loader(8, 4, [1, 1, 3])),
            _ => (new Sequential(new Linear(1), new LayerNorm(), new Linear(4)), Loader(8, 4)),
        };
        string folder = Path.Combine(Path.GetTempPath(), $"lamina-batch-{Guid.NewGuid():N}");
        var trainer = new Trainer(Network(norm), new MeanSquaredError(), new Sgd(), new TrainerOptions { Epochs = 1, Folder = folder });
        var told = new List<TrainingEvent>();
        string message = Assert.ThrowsAny<TensorException>(() => trainer.Fit(loader, null, told.Add)).Message;
        Assert.Contains("two or more", message);
        Assert.Contains("in  [1]", message);
        Assert.Contains("try ", message);
        Assert.Empty(told);
        Assert.False(Directory.Exists(folder));
    }
}
