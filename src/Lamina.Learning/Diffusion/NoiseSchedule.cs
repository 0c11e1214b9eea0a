using Lamina.Learning.Saving;

namespace Lamina.Learning.Diffusion;

/// <summary>
/// How an image becomes noise in so many steps: after step t it is α(t)·x + σ(t)·ε with ε standard normal and α² + σ² = 1. A step adds noise of
/// variance β(t), so that α(t)² is the product of 1 − β over the steps so far (Ho, Jain and Abbeel, 2020: "Denoising diffusion probabilistic
/// models").
/// </summary>
public abstract class NoiseSchedule : ISavedByName
{
    private const int MostSteps = 100_000;
    private float[]? _alpha, _sigma;

    /// <summary>The number of steps to noise alone, from 2.</summary>
    public int Steps { get; }

    /// <summary>A schedule of so many steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 steps, or more than 100,000.</exception>
    private protected NoiseSchedule(int steps)
    {
        if (steps is < 2 or > MostSteps) throw new ArgumentOutOfRangeException(nameof(steps), steps, $"a schedule has 2 to {MostSteps:N0} steps");
        Steps = steps;
    }

    /// <summary>The variance of the noise that a step adds, above 0 and below 1.</summary>
    /// <param name="step">The step, from 1.</param>
    public abstract double Beta(int step);

    /// <summary>The share of the image after each step, from 0 to <see cref="Steps"/>.</summary>
    public ReadOnlySpan<float> Alpha => _alpha ??= Table().Alpha;

    /// <summary>The deviation of the noise after each step.</summary>
    public ReadOnlySpan<float> Sigma => _sigma ??= Table().Sigma;

    private (float[] Alpha, float[] Sigma) Table()
    {
        var alpha = new float[Steps + 1];
        var sigma = new float[Steps + 1];
        (alpha[0], double kept) = (1, 1);
        for (int step = 1; step <= Steps; step++)
        {
            kept *= 1 - Beta(step);
            (alpha[step], sigma[step]) = ((float)Math.Sqrt(kept), (float)Math.Sqrt(1 - kept));
        }
        return (alpha, sigma);
    }
}

/// <summary>β grows evenly from one end to the other (Ho, Jain and Abbeel, 2020).</summary>
public sealed partial class LinearNoise : NoiseSchedule
{
    /// <summary>A schedule.</summary>
    /// <param name="steps">Number of steps, 2 to 100,000.</param>
    /// <param name="first">β of the first step.</param>
    /// <param name="last">β of the last step.</param>
    /// <exception cref="ArgumentOutOfRangeException">A β isn't above 0 and below 1, or there is no such number of steps.</exception>
    public LinearNoise(int steps = 1000, double first = 1e-4, double last = 0.02) : base(steps)
    {
        foreach (double beta in (double[])[first, last])
            if (!(beta is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(first), beta, "β is above 0 and below 1");
        (First, Last) = (first, last);
    }

    /// <summary>β of the first step.</summary>
    public double First { get; }

    /// <summary>β of the last step.</summary>
    public double Last { get; }

    /// <inheritdoc/>
    public override double Beta(int step) => First + (Last - First) * (step - 1) / (Steps - 1);
}

/// <summary>
/// α² follows a squared cosine, so that images don't drown early: α(t)² = f(t)/f(0) with f(t) = cos²((t/T + s)/(1 + s)·π/2), and β at most 0.999
/// (Nichol and Dhariwal, 2021: "Improved denoising diffusion probabilistic models").
/// </summary>
public sealed partial class CosineNoise : NoiseSchedule
{
    private const double MostBeta = 0.999;

    /// <summary>A schedule.</summary>
    /// <param name="steps">Number of steps, 2 to 100,000.</param>
    /// <param name="offset">s, which keeps the first steps from being too small, 0 to below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset or the number of steps is out of its range.</exception>
    public CosineNoise(int steps = 1000, double offset = 0.008) : base(steps) =>
        Offset = offset is >= 0 and < 1 ? offset : throw new ArgumentOutOfRangeException(nameof(offset), offset, "the offset is 0 to below 1");

    /// <summary>s, which keeps the first steps from being too small.</summary>
    public double Offset { get; }

    /// <inheritdoc/>
    public override double Beta(int step) => Math.Min(MostBeta, 1 - Kept(step) / Kept(step - 1));

    private double Kept(int step)
    {
        double cosine = Math.Cos(((double)step / Steps + Offset) / (1 + Offset) * Math.PI / 2);
        return cosine * cosine;
    }
}
