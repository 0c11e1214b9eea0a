namespace Lamina.Tasks.Detection;

/// <summary>What tells anomalies of each kind, step by step, for one column.</summary>
internal static class Signals
{
    // Steps on either side of a spike, and seasons on either side of a level.
    private const int Around = 4, Far = 14;

    /// <summary>The distance of each value from the median of its neighbours; 0 where it is missing.</summary>
    public static float[] Spike(ReadOnlySpan<float> values)
    {
        var signal = new float[values.Length];
        Span<float> near = stackalloc float[2 * Around];
        for (int t = 0; t < values.Length; t++)
        {
            if (float.IsNaN(values[t])) continue;
            int count = 0;
            for (int u = Math.Max(0, t - Around); u <= Math.Min(values.Length - 1, t + Around); u++)
                if (u != t && !float.IsNaN(values[u])) near[count++] = values[u];
            if (count < 2) continue;
            near[..count].Sort();
            signal[t] = Math.Abs(values[t] - (near[(count - 1) / 2] + near[count / 2]) / 2);
        }
        return signal;
    }

    /// <summary>The size of the mean over a window around each step; 0 where more than half of it is missing.</summary>
    public static float[] Level(ReadOnlySpan<float> errors, int window)
    {
        float[] means = Means(errors, window);
        for (int t = 0; t < means.Length; t++) means[t] = float.IsNaN(means[t]) ? 0 : Math.Abs(means[t]);
        return means;
    }

    /// <summary>The distance of the mean over a window from the median of such means, fourteen seasons before and behind it.</summary>
    public static float[] Shift(ReadOnlySpan<float> errors, int window, int season)
    {
        float[] means = Means(errors, window), signal = new float[errors.Length];
        Span<float> far = stackalloc float[2 * Far + 1];
        for (int t = 0; t < signal.Length; t++)
        {
            if (float.IsNaN(means[t])) continue;
            int count = 0;
            for (int k = -Far; k <= Far; k++)
                if ((long)t + (long)k * season is >= 0 and var u && u < means.Length && !float.IsNaN(means[(int)u])) far[count++] = means[(int)u];
            far[..count].Sort();
            signal[t] = Math.Abs(means[t] - far[count / 2]);
        }
        return signal;
    }

    /// <summary>For each step how long its value has been the same and will be; 0 where it is missing, 1 where it is alone.</summary>
    public static float[] Run(ReadOnlySpan<float> values)
    {
        var signal = new float[values.Length];
        for (int t = 0; t < values.Length;)
        {
            int end = t + 1;
            while (end < values.Length && values[end] == values[t]) end++;
            if (!float.IsNaN(values[t])) signal.AsSpan(t, end - t).Fill(end - t);
            t = end;
        }
        return signal;
    }

    /// <summary>The greatest signal within so many steps before and behind each.</summary>
    public static float[] Widest(float[] signal, int steps)
    {
        var widest = new float[signal.Length];
        // Steps in question, their signals falling: the first is the greatest that is near enough.
        var near = new LinkedList<int>();
        int next = 0;
        for (int t = 0; t < signal.Length; t++)
        {
            for (; next < Math.Min(signal.Length, t + steps + 1); next++)
            {
                while (near.Last is { } last && signal[last.Value] <= signal[next]) near.RemoveLast();
                near.AddLast(next);
            }
            while (near.First!.Value < t - steps) near.RemoveFirst();
            widest[t] = signal[near.First.Value];
        }
        return widest;
    }

    // NaN where more than half of a window is missing.
    private static float[] Means(ReadOnlySpan<float> values, int window)
    {
        var means = new float[values.Length];
        double sum = 0;
        int count = 0, first = 0, last = 0; // [first, last) is summed
        int half = Math.Max(1, window / 2);
        for (int t = 0; t < values.Length; t++)
        {
            for (; last < Math.Min(values.Length, t + half + 1); last++)
                if (!float.IsNaN(values[last])) (sum, count) = (sum + values[last], count + 1);
            for (; first < t - half; first++)
                if (!float.IsNaN(values[first])) (sum, count) = (sum - values[first], count - 1);
            means[t] = 2 * count > last - first ? (float)(sum / count) : float.NaN;
        }
        return means;
    }
}
