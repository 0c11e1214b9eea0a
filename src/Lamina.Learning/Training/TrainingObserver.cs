using Lamina.Learning.Probes;
using Lamina.Tensors.Graphs;

namespace Lamina.Learning.Training;

/// <summary>
/// Looks on while a network is trained: it is shown the step's graph, asks for probes, and is given their values and every event. It can't
/// change the training, whose bits are the same with and without it.
/// </summary>
public abstract class TrainingObserver
{
    /// <summary>Number of steps from one probed step to the next, from 1.</summary>
    public virtual int Every => 100;

    /// <summary>Before the first step: the graph of the whole step, and the model's paths by module and variable.</summary>
    /// <returns>What to look at while steps run; none by default.</returns>
    public virtual IReadOnlyList<Probe> Begin(Graph graph) => [];

    /// <summary>The values of a probed step.</summary>
    /// <param name="step">Steps done, this one included.</param>
    /// <param name="values">What the probes of this observer gave.</param>
    public virtual void OnProbed(long step, IReadOnlyList<ProbeValue> values) { }

    /// <summary>Something happened.</summary>
    public virtual void OnEvent(TrainingEvent e) { }
}
