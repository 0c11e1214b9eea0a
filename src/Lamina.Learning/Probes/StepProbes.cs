using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Probes;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Takes the statistics of a step while it is recorded, and names their values when it is run.</summary>
internal sealed class StepProbes(Module model, IReadOnlyList<Probe> probes)
{
    private readonly Dictionary<object, string> _paths = Paths(model);
    private readonly List<(string Path, Probe Probe)> _keys = [];
    private readonly List<Tensor> _statistics = [];
    private readonly Dictionary<Variable, Tensor> _before = [];
    private readonly Dictionary<string, int> _passes = [];

    /// <summary>Begins a recording: activations are looked at as their layers leave them.</summary>
    public void Begin(Tracer? tracer)
    {
        _keys.Clear();
        _statistics.Clear();
        _before.Clear();
        _passes.Clear();
        if (tracer is not null) tracer.Left += Activation;
    }

    /// <summary>The gradients, before clipping; and the parameters as they are before the update.</summary>
    public void Gradients(GradientSet gradients)
    {
        foreach ((Variable parameter, Tensor gradient) in gradients)
        {
            if (!_paths.TryGetValue(parameter, out string? path)) continue;
            _before[parameter] = parameter.Value;
            Take(path, ProbeTarget.Gradient, gradient, parameter.Value);
        }
    }

    /// <summary>What the update made of the parameters.</summary>
    public void Updates()
    {
        foreach ((Variable parameter, Tensor before) in _before)
            if (probes.Any(p => p.Target == ProbeTarget.Update && p.Fits(_paths[parameter]))) Take(_paths[parameter], ProbeTarget.Update,
                parameter.Value - before, before);
    }

    /// <summary>Ends the recording: all statistics as one vector.</summary>
    public Tensor End(Tracer? tracer)
    {
        if (tracer is not null) tracer.Left -= Activation;
        return _statistics.Count == 0 ? Tensor.Zeros([1], DType.Float32) : Tensor.Stack([.. _statistics], 0);
    }

    /// <summary>The probe that asked for a value.</summary>
    public Probe ProbeOf(int value) => _keys[value].Probe;

    /// <summary>The values of a step that was run.</summary>
    public IReadOnlyList<ProbeValue> Named(Tensor values)
    {
        ReadOnlySpan<float> numbers = values.Read<float>();
        var named = new ProbeValue[_keys.Count];
        for (int i = 0; i < named.Length; i++) named[i] = new(_keys[i].Path, _keys[i].Probe.Target, _keys[i].Probe.Name, numbers[i]);
        return named;
    }

    private void Activation(object module, Tensors outputs)
    {
        if (module is not Network network || !_paths.TryGetValue(module, out string? path)) return;
        // A layer that is used twice has two activations.
        int pass = _passes[path] = _passes.GetValueOrDefault(path) + 1;
        for (int i = 0; i < outputs.Count; i++)
            if (outputs[i].DType.IsFloat && outputs[i].Count > 0)
                Take(path + (outputs.Count > 1 ? $":{network.OutputNames[i]}" : "") + (pass > 1 ? $"#{pass}" : ""), ProbeTarget.Activation, outputs[i], null);
    }

    private void Take(string path, ProbeTarget target, Tensor value, Tensor? weight)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        foreach (Probe probe in probes)
        {
            if (probe.Target != target || !probe.Fits(path)) continue;
            Tensor statistic = probe.Statistic(new ProbedTensor(value, weight));
            if (statistic.Count != 1) throw new TensorException($"the probe '{probe.Name}' made {statistic.Shape} of {path}, not a scalar",
                "Mean() or Sum() at its end");
            _statistics.Add(statistic.Reshape(Shape.Scalar).Cast(DType.Float32));
            _keys.Add((path, probe));
        }
    }

    private static Dictionary<object, string> Paths(Module model)
    {
        var paths = new Dictionary<object, string>(ReferenceEqualityComparer.Instance);
        foreach ((string path, Module module) in model.Modules) paths[module] = path;
        foreach ((string path, Variable variable) in model.Variables) paths[variable] = path;
        return paths;
    }
}
