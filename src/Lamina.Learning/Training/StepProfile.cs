using System.Diagnostics;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

/// <summary>Where the time and memory of a training step go, by module, by op, and by part of the step.</summary>
/// <param name="Calls">Each call of the compiled step, in order.</param>
/// <param name="Memory">The memory that the step holds.</param>
/// <param name="PeakRate">The rate of a large matrix product on this machine in the same process, in multiply-adds a second.</param>
public sealed record StepProfile(IReadOnlyList<ProfiledCall> Calls, StepMemory Memory, double PeakRate)
{
    /// <summary>The sum of all calls, in microseconds.</summary>
    public double Microseconds => Calls.Sum(c => c.Microseconds);

    /// <summary>Time by module path, the longest first.</summary>
    public IReadOnlyList<ProfileEntry> ByModule => Grouped(c => c.Path.Length == 0 ? "(outside of modules)" : c.Path);

    /// <summary>Time by op, the longest first.</summary>
    public IReadOnlyList<ProfileEntry> ByOp => Grouped(c => c.Op);

    /// <summary>Time of forward, gradient and update.</summary>
    public IReadOnlyList<ProfileEntry> ByPhase => Grouped(c => c.Phase.ToString().ToLowerInvariant());

    /// <summary>Profiles a step on one batch. The model's values and the optimiser's state have no meaning afterwards.</summary>
    /// <param name="step">The step.</param>
    /// <param name="objective">What it trains.</param>
    /// <param name="batch">The batch, whose shape decides what things cost.</param>
    /// <param name="runs">How often each call is run at most; the least time counts.</param>
    /// <param name="goOn">Called after each run with the number of those done; false ends the profile. What it throws is thrown here.</param>
    public static StepProfile Of(TrainStep step, Objective objective, Batch batch, int runs = 20, Func<int, bool>? goOn = null)
    {
        IReadOnlyList<CallTime> times = step.Profile(batch, runs, goOn);
        var paths = new Dictionary<object, string>(ReferenceEqualityComparer.Instance);
        foreach ((string path, Module module) in objective.Model.Modules) paths[module] = ModuleWalk.Display(path);
        foreach ((string path, Variable variable) in objective.Model.Variables) paths[variable] = ModuleWalk.Display(path.Contains('.') ? path[..path.LastIndexOf('.')] : "");
        string Path(object? module) => module is null ? "" : paths.TryGetValue(module, out string? path)
            ? (path.Length == 0 ? module.GetType().Name : path) : module.ToString() ?? "";
        return new([.. times.Select(t => new ProfiledCall(Path(t.Origin.Module), t.Op, t.Origin.Phase, t.Microseconds, t.MultiplyAdds, t.Call))],
            step.Memory(batch), MeasurePeak());
    }

    private List<ProfileEntry> Grouped(Func<ProfiledCall, string> key)
    {
        double total = Math.Max(double.Epsilon, Microseconds);
        return [.. Calls.GroupBy(key).Select(g =>
        {
            double time = g.Sum(c => c.Microseconds);
            long multiplyAdds = g.Sum(c => c.MultiplyAdds);
            return new ProfileEntry(g.Key, time, time / total, multiplyAdds, time > 0 ? multiplyAdds / (time * 1e-6) / PeakRate : 0)
            {
                Forward = Time(g, Phase.Forward), Gradient = Time(g, Phase.Gradient), Update = Time(g, Phase.Update),
            };
        }).OrderByDescending(e => e.Microseconds)];
    }

    private static double Time(IEnumerable<ProfiledCall> calls, Phase phase) => calls.Where(c => c.Phase == phase).Sum(c => c.Microseconds);

    // 512³ is large enough for the micro-kernel and small enough for the second-level caches.
    private static double MeasurePeak()
    {
        const int Size = 512, Runs = 12;
        Tensor a = Tensor.Full([Size, Size], 0.5, DType.Float32), b = Tensor.Full([Size, Size], 0.25, DType.Float32);
        double best = 0;
        for (int i = 0; i < Runs; i++)
        {
            long began = Stopwatch.GetTimestamp();
            a.MatMul(b);
            best = Math.Max(best, (double)Size * Size * Size / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
        return best;
    }
}

/// <summary>A call of a profiled step.</summary>
/// <param name="Path">The path of the module that it belongs to.</param>
/// <param name="Op">The op; of joined ones the first.</param>
/// <param name="Phase">The part of the step.</param>
/// <param name="Microseconds">The least time of all runs.</param>
/// <param name="MultiplyAdds">Multiplications with an addition.</param>
/// <param name="Description">The call with what was fused into it, types and shapes.</param>
public sealed record ProfiledCall(string Path, string Op, Phase Phase, double Microseconds, long MultiplyAdds, string Description);

/// <summary>The time of calls that have something in common.</summary>
/// <param name="Name">What they have in common.</param>
/// <param name="Microseconds">The sum of their times.</param>
/// <param name="Share">The share of the whole step, 0 to 1.</param>
/// <param name="MultiplyAdds">Their multiplications with an addition.</param>
/// <param name="ShareOfPeak">The rate of those as a share of that of a large matrix product, 0 where there are none.</param>
public sealed record ProfileEntry(string Name, double Microseconds, double Share, long MultiplyAdds, double ShareOfPeak)
{
    /// <summary>Microseconds of the forward pass.</summary>
    public double Forward { get; init; }

    /// <summary>Microseconds of the gradients.</summary>
    public double Gradient { get; init; }

    /// <summary>Microseconds of the update.</summary>
    public double Update { get; init; }
}

/// <summary>The memory that a training step holds, in bytes.</summary>
/// <param name="Parameters">Parameters and buffers.</param>
/// <param name="OptimizerState">The optimiser's state.</param>
/// <param name="Intermediates">Activations, gradients and working memory: one block, in which memory is used again.</param>
/// <param name="Batch">Inputs, targets and weights of one batch.</param>
public sealed record StepMemory(long Parameters, long OptimizerState, long Intermediates, long Batch)
{
    /// <summary>All of it.</summary>
    public long Total => Parameters + OptimizerState + Intermediates + Batch;
}
