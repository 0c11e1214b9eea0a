namespace Article;

/// <summary>What the experiments do again and again.</summary>
internal static class Training
{
    /// <summary>Trains on one batch, the whole set, again and again; the loss before each step.</summary>
    public static double[] Repeat(Layer network, Loss loss, Optimizer optimizer, Tensor inputs, Tensor targets, int steps, ulong seed)
    {
        var step = new TrainStep(network, loss, optimizer, new StepOptions { Seed = (long)seed });
        var batch = new Batch(inputs, targets);
        var losses = new double[steps];
        for (int i = 0; i < steps; i++) losses[i] = step.Run(batch, i).Loss.Item();
        return losses;
    }

    /// <summary>Trains on shuffled batches. Weights that the network has already are where it begins.</summary>
    /// <param name="each">Is called every <paramref name="every"/> steps.</param>
    public static void Fit(Layer network, Optimizer optimizer, Tensor inputs, Tensor labels, int steps, int batch, ulong seed, int every = 1, Action? each = null)
    {
        var loader = new DataLoader(new TensorDataset(inputs, labels), BatchOptions.Training with { Size = batch });
        var options = new TrainerOptions { Epochs = steps / loader.BatchCount + 1, MaxSteps = steps, Seed = (long)seed };
        new Trainer(network, new CrossEntropy(), optimizer, options).Fit(loader, events: e =>
        {
            if (e is StepDone done && done.Step % every == 0) each?.Invoke();
        });
    }

    /// <summary>The share of examples whose class has the highest logit.</summary>
    public static double Accuracy(Layer network, Tensor inputs, Tensor labels)
    {
        ReadOnlySpan<long> said = network.Forward(inputs).ArgMax(-1).Read<long>();
        ReadOnlySpan<int> right = labels.Read<int>();
        int count = 0;
        for (int i = 0; i < right.Length; i++) count += said[i] == right[i] ? 1 : 0;
        return (double)count / right.Length;
    }

    /// <summary>The mean cross-entropy.</summary>
    public static double Loss(Layer network, Tensor inputs, Tensor labels) => new CrossEntropy().Compute(network.Forward(inputs), labels).Item();
}
