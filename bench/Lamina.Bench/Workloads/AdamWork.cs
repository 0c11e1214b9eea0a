using Lamina.Bench.Protocol;
using Lamina.Learning.Optimizers;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Adam's step for one large parameter, the gradient given: four arrays are read, three written.</summary>
internal sealed class AdamWork : Work
{
    private readonly Variable _parameter;
    private readonly Tensor _gradient, _rate = Tensor.Of(0f);
    private readonly Adam _adam = new(0.001);
    private readonly Plan? _plan;

    public AdamWork(bool eager, int elements)
    {
        _parameter = new Variable(Draw.Normal([elements], 1));
        _gradient = Draw.Normal([elements], 2);
        BytesTouched = 7L * elements * sizeof(float);
        _adam.Prepare([_parameter]);
        if (!eager) _plan = new Plan(x => Update(x[0], x[1]));
    }

    public override long BytesTouched { get; }

    public override double LearningRate => _adam.LearningRate;

    public override IReadOnlyCollection<SentTensor> Sent => [Send("w", _parameter.Value), Send("g", _gradient)];

    public override void Step(double learningRate)
    {
        _rate.Overwrite([(float)learningRate]);
        if (_plan is null) Update(_gradient, _rate);
        else _plan.Run(_gradient, _rate);
    }

    public override double Check(double learningRate)
    {
        Step(learningRate);
        return MeanSquare(_parameter.Value.Read<float>());
    }

    private Tensors Update(Tensor gradient, Tensor rate)
    {
        _adam.Update(new GradientSet([KeyValuePair.Create(_parameter, gradient)]), rate);
        return [];
    }
}
