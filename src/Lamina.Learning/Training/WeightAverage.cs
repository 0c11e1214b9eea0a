using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Buffer = Lamina.Learning.Modules.Buffer;

namespace Lamina.Learning.Training;

/// <summary>
/// A mean of a network's parameters over training, measured and saved in place of the last step's weights. A norm's running statistics belong to
/// the weights that they were measured with, so they are averaged alike; any other <see cref="Buffer"/> stays the one of the last step.
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

    // Each mean begins as the value that it is of.
    private void Prepare()
    {
        using Tracer.Scope now = Tracer.Suspend();
        foreach (Variable variable in model.Variables.Select(v => v.Variable))
            if (variable is Parameter or Buffer { IsStatistic: true } && !_averages.ContainsKey(variable))
                _averages[variable] = new Variable(variable.Value.Keep());
    }
}
