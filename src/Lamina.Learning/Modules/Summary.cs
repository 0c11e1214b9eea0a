using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A layer in a summary.</summary>
/// <param name="Path">Where it is in the network, such as <c>hidden[1]</c>; empty for the network itself.</param>
/// <param name="Depth">How many layers it is inside of.</param>
/// <param name="Layer">What it is, with its options.</param>
/// <param name="Inputs">Types and shapes that go in, the batch first.</param>
/// <param name="Outputs">Types and shapes that come out.</param>
/// <param name="Parameters">Values that it and what is in it train; 0 where it was called before, and has been counted there.</param>
/// <param name="MultiplyAdds">Multiplications with an addition that one forward pass of one example takes.</param>
/// <param name="IsLeaf">Whether no other layer is in it.</param>
public sealed record SummaryRow(string Path, int Depth, string Layer, Specs Inputs, Specs Outputs, long Parameters, long MultiplyAdds, bool IsLeaf)
{
    /// <summary>The shape of the only, or first, input.</summary>
    public Shape Input => Inputs[0].Shape;

    /// <summary>The shape of the only, or first, output.</summary>
    public Shape Output => Outputs[0].Shape;
}

/// <summary>What a network is, before it costs anything: layers, shapes, parameters, memory, multiply-adds.</summary>
/// <param name="Rows">The layers in the order in which they compute; a layer stands before those in it.</param>
/// <param name="Parameters">Values that are trained.</param>
/// <param name="ParameterBytes">Their size in bytes.</param>
/// <param name="ActivationBytes">The size of all layers' results for one example, in bytes: about what training keeps per example.</param>
/// <param name="MultiplyAdds">Multiply-adds of one forward pass of one example; training takes about three times as many.</param>
public sealed record Summary(IReadOnlyList<SummaryRow> Rows, long Parameters, long ParameterBytes, long ActivationBytes, long MultiplyAdds)
{
    private static readonly Spec s_key = new(DType.Int64, [2]);

    // Two first inputs at once would settle shapes of both.
    internal static readonly Lock Building = new();

    /// <summary>
    /// Sends shapes, not values, through a network: its parameters get their shapes, and the summary is what the graph says.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="example">Types and shapes of one example's inputs, without the batch axis.</param>
    /// <exception cref="TensorException">The network doesn't fit the example; the message says where.</exception>
    public static Summary Of(Network model, Specs example)
    {
        Graph graph = Trace(model, Batch(example, 1), isTraining: false);
        Dictionary<Module, string> paths = model.Modules.ToDictionary(m => m.Module, m => m.Path);
        var rows = new List<SummaryRow>();
        var counted = new HashSet<Network>();
        long activations = 0;
        for (int i = 0; i < graph.Modules.Count; i++)
        {
            ModuleCall call = graph.Modules[i];
            var layer = (Network)call.Module;
            bool isLeaf = i + 1 == graph.Modules.Count || graph.Modules[i + 1].Depth <= call.Depth;
            if (isLeaf) activations += call.Outputs.Sum(o => o.Spec.Bytes);
            long multiplyAdds = 0;
            for (int c = call.FirstCall; c < call.FirstCall + call.CallCount; c++) multiplyAdds += graph.Calls[c].MultiplyAdds;
            rows.Add(new(ModuleWalk.Display(paths.GetValueOrDefault(layer, "")), call.Depth, layer.ToString() ?? "", Of(call.Inputs), Of(call.Outputs),
                counted.Add(layer) ? layer.ParameterCount : 0, multiplyAdds, isLeaf));
        }
        long bytes = 0;
        foreach ((_, Variable variable) in model.Variables) bytes += variable.Spec.Bytes;
        return new(rows, model.ParameterCount, bytes, activations, graph.Calls.Sum(c => c.MultiplyAdds));
    }

    /// <summary>Sends the shape of a batch through a network; nothing is computed or changed.</summary>
    /// <exception cref="TensorException">The network doesn't fit the batch; the message says where.</exception>
    internal static Graph Trace(Network model, Specs batch, bool isTraining)
    {
        using Lock.Scope alone = Building.EnterScope();
        ModuleVariable[] unknown = [.. model.Variables.Select(v => v.Variable).OfType<ModuleVariable>().Where(v => v.KnownShape is null && !v.HasValue)];
        try
        {
            using (Gradient.Pause())
            {
                return isTraining ? Graph.Record(x => model.Forward(Tensors.Create(x.Span[..^1]), Pass.Training(x[x.Count - 1])), [.. batch, s_key])
                    : Graph.Record(x => model.Forward(x, Pass.Evaluation), batch);
            }
        }
        catch
        {
            // An example that doesn't fit settles nothing: the next one may be right.
            foreach (ModuleVariable variable in unknown) variable.Forget();
            throw;
        }
    }

    /// <summary>The specs of a batch of so many examples.</summary>
    internal static Specs Batch(Specs example, int count) => Specs.Create([.. example.ToArray().Select(x => x with { Shape = x.Shape.Insert(0, count) })]);

    private static Specs Of(IReadOnlyList<GraphValue> values) => Specs.Create([.. values.Select(v => v.Spec)]);
}
