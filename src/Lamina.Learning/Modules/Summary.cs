using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A layer in a summary.</summary>
/// <param name="Path">Where it is in the network, such as <c>hidden[1]</c>; empty for the network itself.</param>
/// <param name="Depth">How many layers it is inside of.</param>
/// <param name="Layer">What it is, with its options.</param>
/// <param name="Inputs">Types and shapes that go in, the batch first.</param>
/// <param name="Outputs">Types and shapes that come out.</param>
/// <param name="Parameters">Values that it and what is in it train.</param>
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
    /// <summary>Whether shapes are being sent through a network on this thread.</summary>
    internal static bool IsTracing => Tracer.Current is ShapeTracer;

    /// <summary>
    /// Sends shapes, not values, through a network: its parameters get their shapes, and are collected into the summary.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="example">Types and shapes of one example's inputs, without the batch axis.</param>
    /// <exception cref="TensorException">The network doesn't fit the example; the message says where.</exception>
    public static Summary Of(Network model, Specs example)
    {
        ShapeTracer tracer = Trace(model, Batch(example, 1), Pass.Evaluation);
        long bytes = 0;
        foreach ((_, Variable variable) in model.Variables) bytes += variable.Spec.Bytes;
        return new(tracer.Rows, model.ParameterCount, bytes, tracer.ActivationBytes, tracer.MultiplyAdds);
    }

    /// <summary>Sends the shape of a batch through a network in the given pass; nothing is computed or changed.</summary>
    /// <exception cref="TensorException">The network doesn't fit the batch; the message says where.</exception>
    internal static ShapeTracer Trace(Network model, Specs batch, Pass pass)
    {
        var tracer = new ShapeTracer(model);
        ModuleVariable[] unknown = [.. model.Variables.Select(v => v.Variable).OfType<ModuleVariable>().Where(v => v.KnownShape is null && !v.HasValue)];
        try
        {
            using (tracer.Begin())
            using (Gradient.Pause()) model.Forward(Tensors.Create([.. batch.ToArray().Select(x => Tensor.Symbolic(x, tracked: false))]), pass);
        }
        catch
        {
            // An example that doesn't fit settles nothing: the next one may be right.
            foreach (ModuleVariable variable in unknown) variable.Forget();
            throw;
        }
        return tracer;
    }

    /// <summary>The specs of a batch of so many examples.</summary>
    internal static Specs Batch(Specs example, int count) => Specs.Create([.. example.ToArray().Select(x => x with { Shape = x.Shape.Insert(0, count) })]);

    /// <summary>Runs shapes through the layers and notes what passes.</summary>
    internal sealed class ShapeTracer(Network model) : Tracer
    {
        private readonly Dictionary<Module, string> _paths = model.Modules.ToDictionary(m => m.Module, m => m.Path);
        private readonly Dictionary<Variable, Tensor> _read = [];
        private readonly Stack<OpenLayer> _open = new();

        public List<SummaryRow> Rows { get; } = [];

        public long MultiplyAdds { get; private set; }

        public long ActivationBytes { get; private set; }

        public override Tensors Apply(Op op, Tensors inputs)
        {
            Specs specs = op.Infer(inputs.Specs);
            MultiplyAdds += op.MultiplyAdds(inputs.Specs);
            var results = new Tensor[specs.Count];
            for (int i = 0; i < results.Length; i++) results[i] = Tensor.Symbolic(specs[i], tracked: false);
            // So that a layer can tell what was computed from what came in.
            op.Note([], results);
            return new(results);
        }

        public override Tensor Read(Variable variable) =>
            _read.TryGetValue(variable, out Tensor? known) ? known : _read[variable] = Tensor.Symbolic(variable.Spec, tracked: false);

        public override void Write(Variable variable, Tensor value) { }

        public override void Enter(object module, Tensors inputs)
        {
            _open.Push(new(Rows.Count, inputs.Specs, MultiplyAdds));
            Rows.Add(null!);
        }

        public override void Leave(object module, Tensors outputs)
        {
            (int row, Specs inputs, long before) = _open.Pop();
            bool isLeaf = row == Rows.Count - 1;
            var layer = (Network)module;
            if (isLeaf) ActivationBytes += outputs.Specs.ToArray().Sum(o => o.Bytes);
            string path = _paths.GetValueOrDefault(layer, "");
            Rows[row] = new(ModuleWalk.Display(path), _open.Count, layer.ToString() ?? "", inputs, outputs.Specs, layer.ParameterCount, MultiplyAdds - before, isLeaf);
        }

        /// <summary>A layer that hasn't returned: its row, its input, and the multiply-adds before it.</summary>
        private sealed record OpenLayer(int Row, Specs Inputs, long MultiplyAdds);
    }
}
