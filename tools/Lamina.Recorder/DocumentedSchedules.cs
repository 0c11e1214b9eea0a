namespace Lamina.Recorder;

/// <summary>
/// Learning rates by the formulas in the documentation of torch.optim.lr_scheduler (PyTorch 2.10), to hold TorchSharp's
/// schedulers, which are its own code, against. Step 0 is the first.
/// </summary>
static class DocumentedSchedules
{
    public static double Step(int t, double learningRate, int stepSize, double gamma) => learningRate * Math.Pow(gamma, t / stepSize);

    /// <summary>Loshchilov and Hutter, 2017, without restarts.</summary>
    public static double Cosine(int t, double learningRate, double period, double minimum) =>
        minimum + (learningRate - minimum) * (1 + Math.Cos(Math.PI * t / period)) / 2;

    public static double Linear(int t, double learningRate, double startFactor, double endFactor, int steps) =>
        learningRate * (startFactor + (endFactor - startFactor) * Math.Min(t, steps) / steps);

    /// <summary>One schedule before the milestone, and then another from its own step 0.</summary>
    public static double Sequential(int t, int milestone, Func<int, double> first, Func<int, double> second) =>
        t < milestone ? first(t) : second(t - milestone);

    /// <summary>Smith and Topin, 2018: up, down, and (in three phases) far down.</summary>
    public static double OneCycle(
        int t, double maximum, int totalSteps, double upShare, double divFactor, double finalDivFactor, bool cosine, bool threePhases)
    {
        double initial = maximum / divFactor, final = initial / finalDivFactor;
        (double End, double From, double To)[] phases = threePhases
            ? [(upShare * totalSteps - 1, initial, maximum), (2 * upShare * totalSteps - 2, maximum, initial), (totalSteps - 1, initial, final)]
            : [(upShare * totalSteps - 1, initial, maximum), (totalSteps - 1, maximum, final)];
        double start = 0;
        foreach ((double end, double from, double to) in phases)
        {
            if (t <= end || end == totalSteps - 1)
            {
                double done = (t - start) / (end - start);
                return cosine ? to + (from - to) / 2 * (1 + Math.Cos(Math.PI * done)) : from + (to - from) * done;
            }
            start = end;
        }
        throw new ArgumentOutOfRangeException(nameof(t));
    }

    /// <summary>The rate at each step, and after the last loss: one more than there are losses.</summary>
    public static double[] Plateau(
        double[] losses, double learningRate, double factor, int patience, double threshold, bool relative, int cooldown, double minimum, double leastChange)
    {
        List<double> rates = [learningRate];
        double best = double.PositiveInfinity;
        int bad = 0, resting = 0;
        foreach (double loss in losses)
        {
            bool better = loss < (relative ? best * (1 - threshold) : best - threshold);
            if (better) best = loss;
            bad = better ? 0 : bad + 1;
            if (resting > 0) (resting, bad) = (resting - 1, 0);
            if (bad > patience)
            {
                double lower = Math.Max(learningRate * factor, minimum);
                if (learningRate - lower > leastChange) learningRate = lower;
                (resting, bad) = (cooldown, 0);
            }
            rates.Add(learningRate);
        }
        return [.. rates];
    }
}
