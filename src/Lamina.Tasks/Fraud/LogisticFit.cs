using Lamina.Learning.Data;
using Lamina.Models;

namespace Lamina.Tasks.Fraud;

/// <summary>
/// Fits the linear model of a <see cref="WideAndDeep"/> network: logistic regression with the squared weights, but not the bias, as a penalty, Σ
/// log-losses + ½ Σ w² as scikit-learn's default has it, minimised by L-BFGS (Liu and Nocedal, 1989) in double precision on one thread. The same
/// rows give the same bits.
/// </summary>
internal sealed class LogisticFit
{
    // Of more rows all of the rare class are taken, and of the others an even part that counts for all of them.
    private const int MostRows = 200_000, MostSteps = 300, Memory = 10, AtOnce = 4_096;
    private const double Small = 1e-7;

    private readonly TabularNetOptions _options;
    private readonly int _slots;
    private readonly List<float[]> _rows = [];
    private readonly List<double> _weights = [], _signs = []; // 1 for the rare class, −1 for the other

    private LogisticFit(TabularNetOptions options, Dataset rows, int positive, long others)
    {
        _options = options;
        _slots = rows.Inputs[0].Shape[0];
        long every = Math.Max(1, (others + MostRows - 1) / MostRows), other = 0;
        for (int first = 0; first < rows.Count; first += AtOnce)
        {
            Batch part = rows.Take([.. Enumerable.Range(first, Math.Min(AtOnce, rows.Count - first))]);
            ReadOnlySpan<float> inputs = part.Input.Read<float>();
            ReadOnlySpan<int> labels = part.Target.Read<int>();
            for (int i = 0; i < part.Count; i++)
            {
                bool isPositive = labels[i] == positive;
                if (!isPositive && other++ % every != 0) continue;
                _rows.Add(inputs.Slice(i * _slots, _slots).ToArray());
                _weights.Add(isPositive ? 1 : every);
                _signs.Add(isPositive ? 1 : -1);
            }
        }
    }

    /// <summary>The bias and the weights, in the order of <see cref="WideAndDeep.Wide"/>.</summary>
    /// <param name="network">The network that they are for.</param>
    /// <param name="rows">Its training rows, with classes.</param>
    /// <param name="others">How many of them aren't of the rare class.</param>
    public static float[] Fit(WideAndDeep network, Dataset rows, long others)
    {
        var fit = new LogisticFit(network.Options, rows, network.Positive, others);
        return [.. fit.Minimize(network.Wide.KnownShape!.Value[0]).Select(w => (float)w)];
    }

    private double[] Minimize(int size)
    {
        double[] w = new double[size], gradient = new double[size], next = new double[size], nextGradient = new double[size],
            direction = new double[size];
        var steps = new List<(double[] Step, double[] Change, double Product)>();
        double value = Evaluate(w, gradient);
        for (int step = 0; step < MostSteps && Norm(gradient) > Small * Math.Max(1, _rows.Count); step++)
        {
            Direction(gradient, steps, direction);
            double slope = Dot(gradient, direction), length = steps.Count == 0 ? 1 / Math.Max(1, Norm(gradient)) : 1, nextValue = value;
            bool isFound = false;
            for (int halved = 0; halved < 40 && !isFound; halved++, length /= 2)
            {
                for (int i = 0; i < size; i++) next[i] = w[i] + length * direction[i];
                nextValue = Evaluate(next, nextGradient);
                isFound = nextValue <= value + 1e-4 * length * slope;
            }
            if (!isFound) break; // as near as double precision comes
            double[] moved = [.. next.Zip(w, (a, b) => a - b)], changed = [.. nextGradient.Zip(gradient, (a, b) => a - b)];
            double product = Dot(moved, changed);
            if (product > 1e-12 * Dot(changed, changed)) steps.Add((moved, changed, product));
            if (steps.Count > Memory) steps.RemoveAt(0);
            (w, next, gradient, nextGradient, value) = (next, w, nextGradient, gradient, nextValue);
        }
        return w;
    }

    // The two loops of L-BFGS: minus the inverse of the Hessian, as the last steps show it, times the gradient.
    private static void Direction(double[] gradient, List<(double[] Step, double[] Change, double Product)> steps, double[] direction)
    {
        for (int i = 0; i < gradient.Length; i++) direction[i] = -gradient[i];
        var shares = new double[steps.Count];
        for (int s = steps.Count; s-- > 0;)
        {
            shares[s] = Dot(steps[s].Step, direction) / steps[s].Product;
            for (int i = 0; i < direction.Length; i++) direction[i] -= shares[s] * steps[s].Change[i];
        }
        if (steps.Count > 0)
        {
            double scale = steps[^1].Product / Dot(steps[^1].Change, steps[^1].Change);
            for (int i = 0; i < direction.Length; i++) direction[i] *= scale;
        }
        for (int s = 0; s < steps.Count; s++)
        {
            double back = shares[s] - Dot(steps[s].Change, direction) / steps[s].Product;
            for (int i = 0; i < direction.Length; i++) direction[i] += back * steps[s].Step[i];
        }
    }

    private double Evaluate(double[] w, double[] gradient)
    {
        double sum = 0;
        gradient[0] = 0;
        for (int i = 1; i < w.Length; i++)
        {
            sum += w[i] * w[i] / 2;
            gradient[i] = w[i];
        }
        for (int r = 0; r < _rows.Count; r++)
        {
            double margin = _signs[r] * Odds(_rows[r], w), e = Math.Exp(-Math.Abs(margin));
            sum += _weights[r] * (Math.Log(1 + e) + Math.Max(0, -margin));
            Add(_rows[r], -_signs[r] * _weights[r] * (margin >= 0 ? e / (1 + e) : 1 / (1 + e)), gradient);
        }
        return sum;
    }

    private double Odds(float[] row, double[] w)
    {
        double sum = w[0];
        int slot = _options.Numbers, at = 1 + slot;
        for (int i = 0; i < slot; i++) sum += row[i] * w[1 + i];
        foreach (int size in _options.Categories)
        {
            sum += w[at + (int)row[slot++]];
            at += size;
        }
        foreach (TokenColumn text in _options.Texts)
        {
            double each = 0;
            int tokens = 0;
            for (int i = 0; i < text.Length; i++)
            {
                if (row[slot + i] <= 0) continue;
                each += w[at + (int)row[slot + i]];
                tokens++;
            }
            sum += each / Math.Sqrt(Math.Max(1, tokens));
            slot += text.Length;
            at += text.Tokens;
        }
        return sum;
    }

    private void Add(float[] row, double factor, double[] gradient)
    {
        gradient[0] += factor;
        int slot = _options.Numbers, at = 1 + slot;
        for (int i = 0; i < slot; i++) gradient[1 + i] += factor * row[i];
        foreach (int size in _options.Categories)
        {
            gradient[at + (int)row[slot++]] += factor;
            at += size;
        }
        foreach (TokenColumn text in _options.Texts)
        {
            int tokens = 0;
            for (int i = 0; i < text.Length; i++) tokens += row[slot + i] > 0 ? 1 : 0;
            double each = factor / Math.Sqrt(Math.Max(1, tokens));
            for (int i = 0; i < text.Length; i++)
                if (row[slot + i] > 0) gradient[at + (int)row[slot + i]] += each;
            slot += text.Length;
            at += text.Tokens;
        }
    }

    private static double Dot(double[] a, double[] b) => System.Numerics.Tensors.TensorPrimitives.Dot<double>(a, b);

    private static double Norm(double[] a) => Math.Sqrt(Dot(a, a));
}
