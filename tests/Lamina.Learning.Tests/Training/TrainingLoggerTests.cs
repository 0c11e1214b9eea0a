using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Logging;
using Lamina.Tensors;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Lamina.Learning.Tests.Training;

public class TrainingLoggerTests
{
    private sealed class Kept : ILogger
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, formatter(state, exception)));
    }

    [Fact]
    public void A_training_is_written_to_a_logger()
    {
        var logger = new Kept();
        var data = new DataLoader(new TensorDataset(Tensor.From([1f, 2, 3, 4], [4, 1]), Tensor.From([1f, 2, 3, 4], [4, 1])), BatchOptions.Training with { Size = 2 });
        new Trainer(new Sequential(new Linear(1)), new MeanSquaredError(), new Sgd(0.01), new TrainerOptions { Epochs = 2 }, null, [new TrainingLogger(logger)]).Fit(data);
        Assert.Equal(4, logger.Lines.Count); // beginning, two epochs, end; no steps at this level
        Assert.StartsWith("Training 2 parameters for 2 epochs of 2 steps of 2 examples", logger.Lines[0].Text);
        Assert.StartsWith("Epoch 2: training loss ", logger.Lines[2].Text);
        Assert.StartsWith("Training is over (Completed) after 2 epochs, 4 steps", logger.Lines[3].Text);
    }
}
