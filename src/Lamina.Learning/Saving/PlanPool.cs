using Lamina.Tensors;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Plans;

namespace Lamina.Learning.Saving;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A plan that one caller has at a time.</summary>
internal sealed class PooledPlan(Plan plan)
{
    public Plan Plan { get; } = plan;
}

/// <summary>Plans of one step, as many as callers were inside at once: what each recorded is there for the next.</summary>
internal sealed class PlanPool(Func<Tensors, Tensors> step, Func<long> fingerprint)
{
    // Callers beyond this many record anew each time; their plans' memory isn't kept.
    private const int MostKept = 64;

    private readonly Lock _lock = new();
    private readonly Stack<PooledPlan> _free = new(8);
    private double _perExample = -1;

    /// <summary>A plan that nobody else has.</summary>
    public PooledPlan Take()
    {
        lock (_lock)
            if (_free.TryPop(out PooledPlan? plan)) return plan;
        return new(new Plan(step, fingerprint));
    }

    /// <summary>Gives a plan back; its results are overwritten by the next caller.</summary>
    public void Return(PooledPlan plan)
    {
        lock (_lock)
            if (_free.Count < MostKept) _free.Push(plan);
    }

    /// <summary>About how many multiply-adds so many examples take, by the first call that was recorded; the most before it.</summary>
    public long MultiplyAdds(int count)
    {
        double each = Volatile.Read(ref _perExample);
        return each < 0 ? long.MaxValue : (long)(each * count);
    }

    /// <summary>Runs a plan, and counts the work where that isn't known.</summary>
    public Tensors Run(PooledPlan plan, ReadOnlySpan<Tensor> inputs)
    {
        Tensors results = plan.Plan.Run(inputs);
        if (Volatile.Read(ref _perExample) < 0 && plan.Plan.Graph is { } graph && inputs[0].Shape[0] > 0)
        {
            long all = 0;
            foreach (GraphCall call in graph.Calls) all += call.MultiplyAdds;
            Volatile.Write(ref _perExample, (double)all / inputs[0].Shape[0]);
        }
        return results;
    }
}
