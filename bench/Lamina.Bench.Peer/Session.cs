using System.Diagnostics;
using Lamina.Bench.Protocol;
using TorchSharp;

namespace Lamina.Bench.Peer;

/// <summary>Answers requests, one workload at a time.</summary>
sealed class Session
{
    const int TrialSteps = 8;

    Work? work;

    public Reply Answer(Request request) => request.Command switch
    {
        Commands.Version => new Reply { Version = $"libtorch {Version.Parse(torch.__version__).ToString(3)}" },
        Commands.Prepare => Prepare(request),
        Commands.Check => new Reply { Losses = [.. Enumerable.Range(0, request.Steps).Select(_ => Current.Check(request.LearningRate))] },
        Commands.Run => new Reply { Times = Time(Current, request.Steps, request.LearningRate) },
        Commands.Peak => new Reply { PeakMib = Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024) },
        _ => throw new InvalidOperationException($"unknown command '{request.Command}'"),
    };

    Work Current => work ?? throw new InvalidOperationException("nothing was prepared");

    Reply Prepare(Request request)
    {
        work?.Dispose();
        work = null;
        Func<Given, Work> create = Table.Find(request.Workload ?? "");
        List<SentTensor> tensors = request.Tensors is { } file ? TensorFile.Read(file) : [];
        Work Create(bool channelsLast) => create(new Given(tensors, request.Options, channelsLast));

        bool? channelsLast = request.ChannelsLast;
        if (channelsLast is null && Create(false) is { HasLayouts: true } contiguous)
        {
            using (contiguous)
            using (Work last = Create(true))
                channelsLast = Quicker(last, contiguous);
        }
        work = Create(channelsLast ?? false);
        return new Reply { ChannelsLast = work.HasLayouts ? channelsLast : null };
    }

    /// <summary>Whether the first is the quicker of two, which are run in turn.</summary>
    static bool Quicker(Work first, Work second)
    {
        double a = double.MaxValue, b = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            a = Math.Min(a, Time(first, TrialSteps, 0).Order().ElementAt(TrialSteps / 2));
            b = Math.Min(b, Time(second, TrialSteps, 0).Order().ElementAt(TrialSteps / 2));
        }
        return a < b;
    }

    static double[] Time(Work work, int steps, double learningRate)
    {
        work.LearningRate = learningRate;
        var times = new double[steps];
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < steps; i++)
        {
            work.Step();
            long now = Stopwatch.GetTimestamp();
            times[i] = Stopwatch.GetElapsedTime(before, now).TotalMilliseconds;
            before = now;
        }
        return times;
    }
}
