using static TorchSharp.torch;

namespace Lamina.Recorder;

/// <summary>Records the calls of one layer: an input, parameters by name, an output, and the gradient of each.</summary>
sealed class LayerRecording(RecordedFile file)
{
    public Draw Draw => file.Draw;

    /// <param name="compute">The layer, from its input and its parameters in the order given.</param>
    public void Add(
        string name, object attributes, Tensor input, Func<Tensor, Tensor[], Tensor> compute, params (string Name, Tensor Value)[] parameters)
    {
        (string Name, Tensor Value)[] leaves = AsLeaves(parameters);
        Recorded call = Call(input, leaves, x => compute(x, [.. leaves.Select(p => p.Value)]));
        file.AddCase(new
        {
            name,
            attributes,
            parameters = Values(leaves),
            inputs = new[] { call.Input },
            outputs = new[] { call.Output },
            upstream = new[] { call.Upstream },
            gradients = call.Gradients,
        });
    }

    /// <summary>Records a layer that keeps statistics: several training steps, each with its statistics after it, then an evaluation.</summary>
    /// <param name="statistics">The statistics by name, which <paramref name="train"/> changes in place.</param>
    public void AddSteps(
        string name, object attributes, Tensor[] inputs, (string Name, Tensor Value)[] parameters, (string Name, Tensor Value)[] statistics,
        Func<Tensor, Tensor[], Tensor> train, Func<Tensor, Tensor[], Tensor> evaluate)
    {
        (string Name, Tensor Value)[] leaves = AsLeaves(parameters);
        Tensor[] values = [.. leaves.Select(p => p.Value)];
        var steps = inputs.Select(input => new { call = Call(input, leaves, x => train(x, values)), statistics = Values(statistics) }).ToArray();
        Tensor unseen = Draw.Normal(inputs[0].shape);
        file.AddCase(new
        {
            name,
            attributes,
            parameters = Values(leaves),
            steps = steps.Select(s => new { s.call.Input, s.call.Output, s.call.Upstream, s.call.Gradients, s.statistics }),
            evaluation = Call(unseen, leaves, x => evaluate(x, values)),
        });
    }

    sealed record Recorded(TensorValues Input, TensorValues Output, TensorValues Upstream, Dictionary<string, TensorValues> Gradients);

    Recorded Call(Tensor input, (string Name, Tensor Value)[] parameters, Func<Tensor, Tensor> compute)
    {
        (string Name, Tensor Value)[] leaves = [("input", Differentiation.AsLeaf(input)), .. parameters];
        foreach ((_, Tensor value) in parameters)
            value.grad?.zero_();
        Tensor output = compute(leaves[0].Value);
        Tensor upstream = Differentiation.Run([output], Draw)[0]!;
        return new Recorded(
            TensorValues.Of(input), TensorValues.Of(output), TensorValues.Of(upstream),
            leaves.ToDictionary(leaf => leaf.Name, leaf => TensorValues.Of(leaf.Value.grad!)));
    }

    static (string Name, Tensor Value)[] AsLeaves((string Name, Tensor Value)[] parameters) =>
        [.. parameters.Select(p => (p.Name, Differentiation.AsLeaf(p.Value)))];

    static Dictionary<string, TensorValues> Values((string Name, Tensor Value)[] named) =>
        named.ToDictionary(p => p.Name, p => TensorValues.Of(p.Value));
}
