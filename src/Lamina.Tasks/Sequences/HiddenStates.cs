using Lamina.Tensors;

namespace Lamina.Tasks.Sequences;

/// <summary>
/// Sequences of a hidden Markov process, for trying out: a machine is idle, at work or worn, and stays so for a while; each minute it makes one of
/// six
/// sounds, which each state makes with other frequencies. What is best for guessing the states is known: their probabilities given the whole
/// sequence, by
/// the forward-backward algorithm (Baum, Petrie, Soules and Weiss, 1970; Rabiner, 1989).
/// </summary>
internal static class HiddenStates
{
    public const string Name = "built-in synthetic machine states";

    public const string Best = "the best that is possible, by the forward-backward algorithm that knows the process";

    private const int Sequences = 300;

    private static readonly string[] s_states = ["idle", "work", "worn"], s_sounds = ["a", "b", "c", "d", "e", "f"];

    private static readonly double[][] s_next = [[0.92, 0.07, 0.01], [0.05, 0.88, 0.07], [0.06, 0.04, 0.90]],
        s_heard = [[0.45, 0.20, 0.15, 0.10, 0.05, 0.05], [0.10, 0.35, 0.10, 0.30, 0.10, 0.05], [0.05, 0.10, 0.15, 0.25, 0.15, 0.30]];

    /// <summary>The sequences, always the same.</summary>
    public static SequenceSet Read()
    {
        var random = new RandomStream(2026, 4);
        var set = new SequenceSet(Name);
        for (int i = 0, line = 1; i < Sequences; i++)
        {
            int steps = 30 + random.NextInt(90), state = Draw([1.0 / 3, 1.0 / 3, 1.0 / 3], random);
            for (int s = 0; s < steps; s++)
            {
                set.Add(s_sounds[Draw(s_heard[state], random)], s_states[state]);
                state = Draw(s_next[state], random);
            }
            set.End(line);
            line += steps + 1;
        }
        return set;
    }

    /// <summary>Whether the machine makes this sound.</summary>
    public static bool Makes(string sound) => Array.IndexOf(s_sounds, sound) >= 0;

    /// <summary>The likeliest state of each position, given all sounds of the sequence.</summary>
    /// <param name="sounds">The sounds' names.</param>
    /// <returns>The states' names.</returns>
    public static string[] Decode(IReadOnlyList<string> sounds)
    {
        int states = s_states.Length, steps = sounds.Count;
        int[] heard = [.. sounds.Select(s => Array.IndexOf(s_sounds, s))];
        double[][] forward = new double[steps][], backward = new double[steps][];
        for (int t = 0; t < steps; t++)
            forward[t] = Normal([.. Enumerable.Range(0, states).Select(s => s_heard[s][heard[t]]
                * (t == 0 ? 1 : Enumerable.Range(0, states).Sum(before => forward[t - 1][before] * s_next[before][s])))]);
        for (int t = steps - 1; t >= 0; t--)
            backward[t] = t == steps - 1 ? [.. Enumerable.Repeat(1.0, states)]
                : Normal([.. Enumerable.Range(0, states).Select(s => Enumerable.Range(0, states)
                    .Sum(after => s_next[s][after] * s_heard[after][heard[t + 1]] * backward[t + 1][after]))]);
        return [.. Enumerable.Range(0, steps).Select(t => s_states[Enumerable.Range(0, states).MaxBy(s => forward[t][s] * backward[t][s])])];
    }

    private static double[] Normal(double[] values)
    {
        double sum = values.Sum();
        return [.. values.Select(v => v / sum)];
    }

    private static int Draw(double[] shares, RandomStream random)
    {
        double at = random.NextDouble();
        for (int i = 0; i < shares.Length - 1; i++)
            if ((at -= shares[i]) < 0) return i;
        return shares.Length - 1;
    }
}
