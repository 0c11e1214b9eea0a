using Lamina.Bench.Protocol;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

/// <summary>A training step on one batch of random data: recorded as a plan, or call by call.</summary>
internal sealed class TrainingWork : Work
{
    private readonly Layer _model;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private readonly Batch _batch;
    private readonly TrainStep? _plan;
    private readonly Parameter[] _parameters;
    private readonly double _tolerance;
    private long _step;

    /// <param name="eager">Whether steps run call by call instead of as a plan.</param>
    /// <param name="model">The network; it is given the first values that seed 1 gives.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="optimizer">The optimiser, at its own learning rate.</param>
    /// <param name="inputs">One batch.</param>
    /// <param name="targets">Its targets.</param>
    /// <param name="tolerance">How far the losses of ten steps may lie from the peer's.</param>
    public TrainingWork(bool eager, Layer model, Loss loss, Optimizer optimizer, Tensor inputs, Tensor targets, double tolerance = 1e-4)
    {
        (_model, _loss, _optimizer, _batch, _tolerance) = (model, loss, optimizer, new Batch(inputs, targets), tolerance);
        Summary.Of(model, inputs.Spec with { Shape = inputs.Shape.Without(0) });
        model.Initialize(1);
        _parameters = [.. model.Parameters];
        MultiplyAdds = Counter.Count(() => Calculate(0));
        if (!eager) _plan = new TrainStep(model, loss, optimizer);
    }

    /// <summary>The recorded step; null where steps run call by call.</summary>
    public TrainStep? Plan => _plan;

    /// <summary>The one batch.</summary>
    public Batch Batch => _batch;

    public override long MultiplyAdds { get; }

    public override double Tolerance => _tolerance;

    public override double LearningRate => _optimizer.LearningRate;

    public override IReadOnlyCollection<SentTensor> Sent =>
        [.. Send(_model), Send("inputs", _batch.Input), Send("targets", _batch.Target)];

    public override void Step(double learningRate) => Run(learningRate);

    public override double Check(double learningRate) => Run(learningRate).Item();

    private Tensor Run(double learningRate) => _plan is null ? Calculate(learningRate) : _plan.Run(_batch, _step++, learningRate).Loss;

    // The step as TrainStep has it, written out with the library's public methods.
    private Tensor Calculate(double learningRate)
    {
        Tensor prediction = _model.Forward(_batch.Input, Pass.Training(0, _step++));
        Tensor loss = _loss.Compute(prediction, _batch.Target);
        GradientSet gradients = Gradient.Of(loss, _parameters);
        _optimizer.Update(gradients, Tensor.Of((float)learningRate));
        return loss;
    }
}
