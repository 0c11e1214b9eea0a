using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Training;

/// <summary>
/// A mean of a network's parameters over training, measured and saved in place of the last step's weights. A <see cref="Buffer"/>, such as a
/// norm's running statistics, isn't averaged: it stays the one of the last step.
/// </summary>
internal abstract class WeightAverage(Module model)
{
    private readonly Dictionary<Variable, Variable> _averages = [];

    /// <summary>Each parameter, and its mean.</summary>
    protected IReadOnlyDictionary<Variable, Variable> Averages
    {
        get
        {
            Prepare();
            return _averages;
        }
    }

    /// <summary>Number of steps, or epochs, so far: an int64 scalar.</summary>
    protected Variable Steps { get; } = new(Tensor.Of(0L));

    /// <summary>Looks at the parameters after a step; part of a recorded step.</summary>
    public virtual void AfterStep() { }

    /// <summary>Looks at the parameters after an epoch.</summary>
    /// <param name="epoch">Its number, from 1; one that was counted already counts no more.</param>
    public virtual void AfterEpoch(int epoch) { }

    /// <summary>What a checkpoint holds of it, by the parameters' paths.</summary>
    public IEnumerable<NamedVariable> Variables
    {
        get
        {
            Prepare();
            yield return new("average/steps", Steps);
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
