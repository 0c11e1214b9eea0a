namespace Article;

/// <summary>What the experiments do again and again.</summary>
internal static class Training
{
    /// <summary>Trains on one batch, the whole set, again and again; the loss of each step.</summary>
    public static double[] Repeat(Layer network, Loss loss, Optimizer optimizer, Tensor inputs, Tensor targets, int steps, ulong seed = 1, StepOptions? options = null)
    {
        network.Build([.. inputs.Shape.Span[1..]], inputs.DType);
        network.Initialize(seed);
        var step = new TrainStep(network, loss, optimizer, options);
        var batch = new Batch(inputs, targets);
        var losses = new double[steps];
        for (int i = 0; i < steps; i++) losses[i] = step.Run(batch, i).Loss.Item();
        return losses;
    }

    /// <summary>Trains in epochs of batches.</summary>
    public static void Fit(Layer network, Optimizer optimizer, Dataset data, int epochs, int batch, long seed = 1) =>
        new Trainer(network, new CrossEntropy(), optimizer, new TrainerOptions { Epochs = epochs, Seed = seed })
            .Fit(new DataLoader(data, BatchOptions.Training with { Size = batch }));

    /// <summary>The share of examples whose class has the highest logit.</summary>
    public static double Accuracy(Layer network, Tensor inputs, Tensor labels)
    {
        ReadOnlySpan<long> said = network.Forward(inputs).ArgMax(-1).Read<long>();
        ReadOnlySpan<int> right = labels.Read<int>();
        int count = 0;
        for (int i = 0; i < right.Length; i++) count += said[i] == right[i] ? 1 : 0;
        return (double)count / right.Length;
    }
}
