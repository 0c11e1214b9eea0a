using Lamina.Learning.Checkpoints;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

/// <summary>Where training stood, with the values of model and optimiser, in memory.</summary>
internal sealed class StateCopy(TrainingState state, IEnumerable<Variable> variables)
{
    private readonly List<(Variable Variable, Tensor Value)> _values = [.. variables.Distinct().Select(variable => (variable, variable.Value.Keep()))];

    public TrainingState State => state;

    /// <summary>Gives the variables their values back.</summary>
    public void Restore()
    {
        foreach ((Variable variable, Tensor value) in _values) variable.Value = value;
    }
}
