using Lamina.Learning.Data;
using Lamina.Learning.Probes;
using Lamina.Tensors.Graphs;

namespace Lamina.Learning.Training;

/// <summary>Serves the observers of a training: which steps are probed for whom, and what each is told.</summary>
internal sealed class ObserverSet(IReadOnlyList<TrainingObserver> observers, TrainStep step)
{
    private readonly List<(TrainingObserver Observer, IReadOnlyList<Probe> Probes)> _probing = [];
    private bool _hasBegun;

    /// <summary>Before the first step: shows the graph, and asks what is to be looked at.</summary>
    public void Begin(Batch batch)
    {
        if (_hasBegun || observers.Count == 0) return;
        _hasBegun = true;
        Graph graph = step.Record(batch);
        foreach (TrainingObserver observer in observers)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(observer.Every, 1);
            if (observer.Begin(graph) is { Count: > 0 } probes) _probing.Add((observer, probes));
        }
        if (_probing.Count > 0) step.Watch([.. _probing.SelectMany(p => p.Probes).Distinct<Probe>(ReferenceEqualityComparer.Instance)]);
    }

    /// <summary>Whether somebody looks at the step with this number, from 1.</summary>
    public bool IsProbed(long number)
    {
        foreach ((TrainingObserver observer, _) in _probing)
            if (number % observer.Every == 0) return true;
        return false;
    }

    /// <summary>Gives each observer whose turn it is the values of its own probes.</summary>
    public void Tell(long number, IReadOnlyList<ProbeValue> values)
    {
        foreach ((TrainingObserver observer, IReadOnlyList<Probe> probes) in _probing)
            if (number % observer.Every == 0)
                observer.OnProbed(number, [.. values.Where((_, i) => probes.Any(p => ReferenceEquals(p, step.ProbeOf(i))))]);
    }

    /// <summary>Tells all of them what happened.</summary>
    public void Tell(TrainingEvent e)
    {
        foreach (TrainingObserver observer in observers) observer.OnEvent(e);
    }
}
