using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Before a network's first pass: its shapes are found, and its weights drawn by their paths, so that they don't depend on what else
/// was made in the process. Training draws them anew from its own seed.
/// </summary>
internal static class Initializing
{
    [ThreadStatic] private static bool t_busy;

    /// <summary>Draws what has no value yet, with seed 0; nothing where that is done already.</summary>
    public static void Prepare(Network network, Tensors inputs)
    {
        if (t_busy || network.PreparedFor == network.Fingerprint()) return;
        // One thread at a time: a second one would read parameters whose shapes the first has found and whose values it hasn't drawn, and draw
        // others. The lock is that of tracing, which comes here from within and is called from here: with two, each could wait for the other.
        lock (Summary.Building) PrepareAlone(network, inputs);
    }

    private static void PrepareAlone(Network network, Tensors inputs)
    {
        if (network.PreparedFor == network.Fingerprint()) return; // another thread did it meanwhile
        t_busy = true;
        try
        {
            using Tracer.Scope now = Tracer.Suspend();
            if (!network.IsBuilt) Summary.Trace(network, inputs.Specs, isTraining: false);
            network.Example ??= Example(inputs);
            foreach ((string path, Variable variable) in network.Variables)
                if (variable is ModuleVariable { HasValue: false } empty) empty.InitializeDefault(new RandomStream(0, Module.PathStream(path)));
            network.PreparedFor = network.Fingerprint();
        }
        catch (NoValueException)
        {
            // It reads values as it goes, so shapes alone don't get through it: the pass itself fixes them.
        }
        finally
        {
            t_busy = false;
        }
    }

    private static Specs Example(Tensors inputs) =>
        Specs.Create([.. inputs.Specs.ToArray().Select(s => s.Shape.Rank == 0 ? s : s with { Shape = s.Shape.Without(0) })]);
}
