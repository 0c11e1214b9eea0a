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
    /// <param name="network">The network; its outputs are logits of classes.</param>
    /// <param name="optimizer">Changes the weights.</param>
    /// <param name="inputs">The examples.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="steps">Number of steps, over as many epochs as that takes.</param>
    /// <param name="batch">Batch size.</param>
    /// <param name="seed">Random seed of weights, order and dropout.</param>
    /// <param name="every">Number of steps between two calls of <paramref name="each"/>.</param>
    /// <param name="each">Looks at the network in between.</param>
    public static void Fit(
        Layer network, Optimizer optimizer, Tensor inputs, Tensor labels, int steps, int batch, ulong seed, int every = 1, Action? each = null)
    {
        var loader = new DataLoader(new TensorDataset(inputs, labels), BatchOptions.Training with { Size = batch, Seed = (long)seed });
        var step = new TrainStep(network, new CrossEntropy(), optimizer, new StepOptions { Seed = (long)seed });
        int done = 0;
        for (int epoch = 0; done < steps; epoch++)
            foreach (Batch examples in loader.Epoch(epoch).Take(steps - done))
            {
                step.Run(examples, done++);
                if (done % every == 0) each?.Invoke();
            }
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
