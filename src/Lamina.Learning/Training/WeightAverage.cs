using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Training;

/// <summary>
/// A running mean of a network's parameters over the steps of training (Polyak and Juditsky, 1992), exponentially weighted:
/// a ← a + (1 − d)·(w − a) with d = min(decay, (1 + t)/(10 + t)) at step t, so that the first steps are soon forgotten. Measured and saved
/// in place of the last step's weights, it is often the better network.
/// </summary>
internal sealed class WeightAverage(Module model, double decay)
{
    private readonly Dictionary<Variable, Variable> _averages = [];
    private readonly Variable _steps = new(Tensor.Of(0L));

    /// <summary>Takes the parameters of this step into the mean; part of a recorded step.</summary>
    public void Update()
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        Prepare();
        Tensor step = _steps.Value + Tensor.Of(1L);
        _steps.Value = step;
        Tensor count = step.Cast(Tensors.Shapes.DType.Float64);
        Tensor share = 1 - ((count + 1) / (count + 10)).Minimum(decay);
        foreach ((Variable parameter, Variable average) in _averages)
            average.Value = average.Value + share.Cast(average.Spec.DType) * (parameter.Value - average.Value);
    }

    /// <summary>What a checkpoint holds of it, by the parameters' paths.</summary>
    public IEnumerable<NamedVariable> Variables
    {
        get
        {
            Prepare();
            yield return new("average/steps", _steps);
            foreach ((string path, Variable variable) in model.Variables)
                if (_averages.TryGetValue(variable, out Variable? average)) yield return new($"{path}/average", average);
        }
    }

    /// <summary>Exchanges the parameters with their means; a second call exchanges them back.</summary>
    public void Exchange()
    {
        foreach ((Variable parameter, Variable average) in _averages)
        {
            Tensor value = parameter.Value.Keep();
            parameter.Value = average.Value.Keep();
            average.Value = value;
        }
    }

    // Each mean begins as the parameter that it is of.
    private void Prepare()
    {
        using Tracer.Scope now = Tracer.Suspend();
        foreach (Parameter parameter in model.Variables.Select(v => v.Variable).OfType<Parameter>())
            if (!_averages.ContainsKey(parameter)) _averages[parameter] = new Variable(parameter.Value.Keep());
    }
}
