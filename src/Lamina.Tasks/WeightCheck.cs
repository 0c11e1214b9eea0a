using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Tasks;

/// <summary>Refuses weights that can give no sensible answer, however well the file that holds them is formed.</summary>
internal static class WeightCheck
{
    // No training comes near; the square of more is infinite in float32.
    private const float Largest = 1e18f;

    private const string Remedy = "a copy of the file from a backup, or training again";

    /// <summary>Refuses NaN, infinite and enormous weights, and variances below zero.</summary>
    /// <param name="network">The network, with its weights.</param>
    /// <param name="file">Where they came from.</param>
    /// <exception cref="TaskException">There is such a weight; the message names it.</exception>
    public static void Require(Network network, string file)
    {
        foreach ((string path, Variable variable) in network.Variables)
        {
            ReadOnlySpan<float> values = variable.Value.Read<float>();
            bool isVariance = path.EndsWith("variance", StringComparison.OrdinalIgnoreCase);
            for (int i = 0; i < values.Length; i++)
            {
                string? why = !float.IsFinite(values[i]) ? "which is no number to compute with"
                    : Math.Abs(values[i]) > Largest ? "too large to compute with"
                    : isVariance && values[i] < 0 ? "and a variance can't be negative"
                    : null;
                if (why is not null) throw new TaskException($"{file} can't be used: '{path}' holds {Text(values[i])} at {i}, {why}", Remedy);
            }
        }
    }

    /// <summary>Refuses a network's outputs that are NaN or infinite.</summary>
    /// <exception cref="TaskException">There is such an output.</exception>
    public static void RequireFinite(ReadOnlySpan<float> logits)
    {
        foreach (float value in logits)
        {
            if (!float.IsFinite(value))
                throw new TaskException($"the network's output is {Text(value)}: its weights are damaged, or training diverged", Remedy);
        }
    }

    private static string Text(float value) =>
        float.IsNaN(value) ? "NaN" : float.IsInfinity(value) ? $"{(value < 0 ? "−" : "")}∞"
            : value.ToString("G3", System.Globalization.CultureInfo.InvariantCulture);
}
