using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// One step of training: predict, measure the loss, take its gradients, update. The step is recorded as a plan at the
/// first batch and replayed for the others. Everything random in it is drawn from the seed and the step's number, so a
/// step gives the same bits whenever and wherever it runs.
/// </summary>
public sealed class TrainStep
{
    private readonly Layer _model;
    private readonly Loss _loss;
    private readonly Optimizer _optimizer;
    private readonly StepOptions _options;
    private Parameter[]? _parameters;
    private readonly Plan _plan;
    private readonly ExclusiveUse _use = new("training step", "one step after the other: each changes what the next begins with");
    private readonly Tensor _key, _learningRate = Tensor.Of(0f);

    /// <summary>A step that trains the model's parameters.</summary>
    public TrainStep(Layer model, Loss loss, Optimizer optimizer, StepOptions? options = null)
    {
        _model = model;
        _loss = loss;
        _optimizer = optimizer;
        _options = options ?? new StepOptions();
        _key = Tensor.From(_options.Seed, 0L);
        _plan = new Plan(Calculate);
    }

    /// <summary>Trains on one batch.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="step">The step's number, from 0: with the seed, the key of everything random.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <returns>The loss and the predictions before the update; valid until the next step, after which reading them is an error.</returns>
    /// <exception cref="Lamina.Tensors.Shapes.TensorException">The network or the loss doesn't fit the batch; the message says where.</exception>
    /// <exception cref="ConcurrentUseException">Another step of the same model is at work, on another thread.</exception>
    public StepResult Run(Batch batch, long step, double learningRate)
    {
        if (!(learningRate >= 0) || !float.IsFinite((float)learningRate))
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "the learning rate is 0 or more, such as 0.001");
        using ExclusiveUse.Scope inside = _use.Enter();
        _parameters ??= Prepare(batch);
        Tensors results = _plan.Run(batch.Inputs, batch.Targets, Key(step), Rate(learningRate));
        // (loss, prediction), then where there are any the norm, and the sums of a weighted loss.
        int sums = _options.MeasureNorm ? 3 : 2;
        return new StepResult(results[0], results[1], _options.MeasureNorm ? results[2] : null)
        {
            LossSums = results.Count > sums ? (results[sums], results[sums + 1]) : null,
        };
    }

    /// <summary>Where a step's time goes; the model's values have no meaning afterwards.</summary>
    public IEnumerable<(double Microseconds, string Call)> Profile(Batch batch, int runs = 20)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        _parameters ??= Prepare(batch);
        return _plan.Profile([batch.Inputs, batch.Targets, Key(0), Rate(1e-6)], runs);
    }

    /// <summary>The same step call by call under a tracer, for looking into it.</summary>
    internal Tensors RunEagerly(Batch batch, long step, double learningRate, Tracer tracer)
    {
        using (tracer.Begin()) return Calculate([batch.Inputs, batch.Targets, Key(step), Rate(learningRate)]);
    }

    // Before the plan is recorded: where the shapes wait for the first input, this is it.
    private Parameter[] Prepare(Batch batch)
    {
        if (!_model.IsBuilt) _model.Build(batch.Inputs.Shape.Without(0), batch.Inputs.DType);
        Parameter[] parameters = [.. _model.Parameters];
        if (parameters.Length == 0)
            throw new TensorException($"{_model} has no parameters to train", "a layer with weights in it, such as Linear, that isn't frozen; a layer is found as a property or field of a partial class");
        _optimizer.Prepare(parameters);
        return parameters;
    }

    private Tensors Calculate(Tensors x)
    {
        (Tensor inputs, Tensor targets, Tensor key, Tensor learningRate) = (x[0], x[1], x[2], x[3]);

        Tensor prediction = _model.Forward(inputs, Pass.Training(key));
        Tensor loss = LossPlace.Compute(_model, _loss, prediction, targets);
        GradientSet gradients = Gradient.Of(loss, _parameters!);
        Tensor? norm = _options.MeasureNorm ? gradients.GlobalNorm() : null;
        if (_options.ClipValue is { } value) gradients = Clip.ByValue(gradients, value);
        if (_options.ClipNorm is { } limit) gradients = Clip.ByGlobalNorm(gradients, limit);
        _optimizer.Update(gradients, learningRate);

        Tensor[] results = norm is null ? [loss, prediction] : [loss, prediction, norm];
        return _loss.Sums(prediction, targets) is (Tensor sum, Tensor weight) ? [.. results, sum, weight] : [.. results];
    }

    private Tensor Key(long step)
    {
        _key.Overwrite<long>([_options.Seed, step]);
        return _key;
    }

    private Tensor Rate(double learningRate)
    {
        _learningRate.Overwrite([(float)learningRate]);
        return _learningRate;
    }
}

/// <summary>How a step is made.</summary>
public sealed record StepOptions
{
    /// <summary>The key of everything random.</summary>
    public long Seed { get; init; }

    /// <summary>The largest norm of all gradients together; larger ones are scaled down to it. Null: no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Whether the norm of all gradients is measured: another trip through them, some percent of a dense network's step.</summary>
    public bool MeasureNorm { get; init; }

    /// <summary>The largest absolute value of a gradient's elements; larger ones are cut to it. Null: no limit.</summary>
    public double? ClipValue { get; init; }
}

/// <summary>What a step gave: tensors that are valid until the next step. <see cref="Tensor.Keep"/> what is needed for longer.</summary>
/// <param name="Loss">The loss before the update, a scalar.</param>
/// <param name="Prediction">The network's output for the batch before the update.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping, a scalar; null where it isn't measured.</param>
public readonly record struct StepResult(Tensor Loss, Tensor Prediction, Tensor? GradientNorm)
{
    /// <summary>What <see cref="Loss.Sums"/> gave: the weighted sum of the losses and the sum of the weights; null where every example counts the same.</summary>
    public (Tensor Sum, Tensor Weight)? LossSums { get; init; }
}
