using Lamina.Tensors;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Training;

/// <summary>
/// Adds up the gradients of several batches, each weighted by its examples, so that one update is made for all of them: the gradients of
/// a batch that memory has no room for.
/// </summary>
internal sealed class GradientAccumulator
{
    private readonly Dictionary<Variable, Variable> _sums = [];
    private readonly Variable _weight = new(Tensor.Of(0f));

    /// <summary>Adds a batch's gradients; outside of a plan's recording the sums are made here.</summary>
    public void Add(GradientSet gradients, Tensor weight)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        foreach ((Variable parameter, Tensor gradient) in gradients)
        {
            Variable sum = Sum(parameter);
            sum.Value = sum.Value + gradient * weight.Cast(gradient.DType);
        }
        _weight.Value = _weight.Value + weight;
    }

    /// <summary>The mean over all batches that were added, whose sums begin again at zero.</summary>
    public GradientSet Take(GradientSet like)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        Tensor weight = _weight.Value.Maximum(float.Epsilon);
        GradientSet mean = like.Select((parameter, gradient) => Sum(parameter).Value / weight.Cast(gradient.DType));
        foreach ((Variable parameter, Tensor gradient) in like) Sum(parameter).Value = Tensor.ZerosLike(gradient);
        _weight.Value = Tensor.Of(0f);
        return mean;
    }

    private Variable Sum(Variable parameter)
    {
        if (_sums.TryGetValue(parameter, out Variable? sum)) return sum;
        using Tracer.Scope now = Tracer.Suspend();
        return _sums[parameter] = new Variable(Tensor.Zeros(parameter.Spec.Shape, parameter.Spec.DType));
    }
}
