using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Probes;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Graphs;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// One step of training: predict, measure the loss, take its gradients, update; of an objective with phases, each of them in turn. The step is
/// recorded as a plan at the first batch and replayed for the others; where something changes that it depends on (a parameter is frozen, a layer
/// added, a field of a loss set), it is recorded again. Everything random in it is drawn from the seed and the step's number, so a step gives the
/// same bits whenever and wherever it runs.
/// </summary>
public sealed class TrainStep
{
    private readonly Objective _objective;
    private readonly Optimizer _optimizer;
    private readonly StepOptions _options;
    private readonly int _parts, _phases;
    private readonly Plan _plan, _probed;
    private readonly PlanInputs _inputs = new();
    private readonly GradientAccumulator _accumulator = new();
    private readonly Tensor _key, _learningRate = Tensor.Of(0f);
    private StepProbes? _probes;
    private bool _isProbing;
    private readonly ExclusiveUse _use = new("training step", "one step after the other: each changes what the next begins with");
    private Part _part;
    private bool _isPrepared;
    private int _leading;

    /// <summary>A step that trains an objective's model.</summary>
    public TrainStep(Objective objective, Optimizer optimizer, StepOptions? options = null)
    {
        _objective = objective;
        _optimizer = optimizer;
        _options = options ?? new StepOptions();
        _key = Tensor.From(_options.Seed, 0L);
        (_parts, _phases) = (objective.PartNames.Count, objective.Phases.Count);
        if (_options.AverageDecay is { } decay) Average = new MovingAverage(objective.Model, decay);
        _plan = new Plan(Calculate, () => _inputs.Fingerprint(objective.Fingerprint(), (int)_part));
        _probed = new Plan(Probe, () => _inputs.Fingerprint(objective.Fingerprint(), (int)_part));
    }

    /// <summary>A step that trains a network by a loss.</summary>
    public TrainStep(Network network, Loss loss, Optimizer optimizer, StepOptions? options = null) : this(new Supervised(network, loss), optimizer, options) { }

    /// <summary>The mean of the weights, where one is kept.</summary>
    internal WeightAverage? Average { get; init; }

    /// <summary>Trains on one batch, and on those that were accumulated before it.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="step">Number of the step, from 0; with the seed it determines all random draws of the step.</param>
    /// <param name="learningRate">The learning rate of this step; null: the optimiser's own.</param>
    /// <returns>The loss and the predictions before the update; valid until the next step, after which reading them is an error.</returns>
    /// <exception cref="TensorException">The network or the loss doesn't fit the batch; the message says where.</exception>
    /// <exception cref="ConcurrentUseException">Another step of the same model is at work, on another thread.</exception>
    public StepResult Run(Batch batch, long step, double? learningRate = null)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        _part = _part == Part.Whole ? Part.Whole : Part.Last;
        StepResult result = Replay(batch, step, learningRate ?? _optimizer.LearningRate);
        _part = Part.Whole;
        return result;
    }

    /// <summary>Adds the gradients of a batch to those of the next <see cref="Run"/>, which then updates by the mean over all of them.</summary>
    /// <param name="batch">The examples.</param>
    /// <param name="key">Number that no other batch or step has; with the seed it determines all random draws.</param>
    public StepResult Accumulate(Batch batch, long key)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        _part = Part.More;
        return Replay(batch, key, 0);
    }

    /// <summary>The graph of the step for batches like this one: the same at every call until something changes that it depends on.</summary>
    public Graph Record(Batch batch)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        Prepare(batch);
        ReadOnlySpan<Tensor> inputs = Inputs(batch, 0, 0);
        return _plan.Record(Tensors.Create(inputs).Specs);
    }

    /// <summary>What <see cref="RunProbed"/> looks at from now on.</summary>
    public void Watch(IReadOnlyList<Probe> probes) => _probes = new StepProbes(_objective.Model, probes);

    /// <summary>The probe that asked for a value of <see cref="RunProbed"/>.</summary>
    internal Probe ProbeOf(int value) => _probes!.ProbeOf(value);

    /// <summary>Trains on one batch as <see cref="Run"/> does, to the same bits, and takes the statistics that are watched: a second plan.</summary>
    /// <returns>The step's result, valid until the next step, and the values.</returns>
    public (StepResult Result, IReadOnlyList<ProbeValue> Values) RunProbed(Batch batch, long step, double? learningRate = null)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        if (_probes is null) throw new InvalidOperationException("nothing is watched: call Watch before");
        Prepare(batch);
        _part = _part == Part.Whole ? Part.Whole : Part.Last;
        Tensors results = _probed.Run(Inputs(batch, step, learningRate ?? _optimizer.LearningRate));
        _part = Part.Whole;
        return (new StepResult(Tensors.Create(results.Span[..^1]), Layout(_options.MeasureNorm)), _probes.Named(results[results.Count - 1]));
    }

    /// <summary>Where a step's time goes; the model's values have no meaning afterwards.</summary>
    /// <inheritdoc cref="Plan.Profile" path="/param"/>
    public IReadOnlyList<CallTime> Profile(Batch batch, int runs = 20, Func<int, bool>? goOn = null)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        Prepare(batch);
        return _plan.Profile(Inputs(batch, 0, 1e-6), runs, goOn);
    }

    /// <summary>The memory that the step holds for batches like this one.</summary>
    public StepMemory Memory(Batch batch)
    {
        Record(batch);
        Module model = _objective.Model;
        long parameters = model.Variables.Sum(v => v.Variable.Spec.Bytes), state = _optimizer.Variables(model).DistinctBy(v => v.Variable)
            .Sum(v => v.Variable.Spec.Bytes);
        long inputs = ((Tensor[])[.. batch.Inputs.Span, .. batch.Targets.Span]).Sum(t => t.Spec.Bytes) + (batch.Weights?.Spec.Bytes ?? 0);
        return new(parameters, state + (Average?.Variables.Sum(v => v.Variable.Spec.Bytes) ?? 0), _plan.SlabBytes, inputs);
    }

    /// <summary>The same step call by call under a tracer, for looking into it.</summary>
    internal Tensors RunEagerly(Batch batch, long step, double learningRate, Tracer tracer)
    {
        Prepare(batch);
        using (tracer.Begin()) return Calculate(Tensors.Create(Inputs(batch, step, learningRate)));
    }

    /// <summary>The losses and the norms in the results of <see cref="RunEagerly"/>, in the order in which they were computed.</summary>
    internal Tensor[] Suspects(Tensors results)
    {
        StepLayout layout = Layout(hasNorm: true);
        int part = _leading + 1;
        return layout.PhaseNorms == 0 ? [results[0], results[_leading]]
            : [.. Enumerable.Range(0, layout.PhaseNorms).SelectMany(i => new[] { results[part + i], results[part + layout.Parts + i] })];
    }

    /// <summary>What of a step's loss or gradients is not finite, in the first phase that has such: "the loss became NaN"; null: all is.</summary>
    internal string? Problem(StepResult result)
    {
        double loss = result.Loss.Item(), norm = result.GradientNorm?.Item() ?? 0;
        if (double.IsFinite(loss) && double.IsFinite(norm)) return null;
        for (int i = 0; i < result.PhaseNorms.Length; i++)
        {
            string name = _objective.Phases[i].Name;
            (loss, norm) = (result.Parts[i].Item(), result.PhaseNorms[i].Item());
            if (!double.IsFinite(loss)) return DivergedException.Became($"the {name}'s loss", loss);
            if (!double.IsFinite(norm)) return DivergedException.Became($"the {name}'s gradient", norm);
        }
        return !double.IsFinite(loss) ? DivergedException.Became("the loss", loss) : DivergedException.Became("the gradient", norm);
    }

    /// <summary>What a checkpoint holds of the step beside the model: the optimiser's state, and the mean of the weights.</summary>
    internal IReadOnlyList<NamedVariable> State
    {
        get
        {
            OptimizerState.Prepare(_objective, _optimizer);
            return [.. _optimizer.Variables(_objective.Model), .. Average?.Variables ?? []];
        }
    }

    private StepResult Replay(Batch batch, long step, double learningRate)
    {
        Prepare(batch);
        Tensors results = _plan.Run(Inputs(batch, step, learningRate));
        return new StepResult(results, Layout(_options.MeasureNorm && _part != Part.More));
    }

    private StepLayout Layout(bool hasNorm) => new(hasNorm, _parts, hasNorm ? _phases : 0);

    private Tensors Calculate(Tensors x)
    {
        Batch batch = _inputs.Batch(x);
        (Tensor key, Tensor learningRate) = (x[x.Count - 2], x[x.Count - 1]);

        Pass pass = Pass.Training(key);
        if (_objective.Phases.Count > 0) return CalculatePhases(batch, pass, learningRate);
        ObjectiveResult result = _objective.Compute(batch, pass);
        Tensor[] leading = EpochScores.Leading(result, batch);
        _leading = leading.Length;
        GradientSet gradients = Gradient.Of(result.Loss, _objective.Model.Parameters);
        if (Tracer.Current is { } tracer) tracer.Origin = new(null, Phase.Update);
        if (_part != Part.Whole) _accumulator.Add(gradients, leading[1].Cast(DType.Float32));
        if (_part == Part.More) return [.. leading, .. result.Parts ?? [], .. result.Predictions];
        if (_part == Part.Last) gradients = _accumulator.Take(gradients);

        Tensor? norm = Update(gradients, learningRate);
        if (_isProbing) _probes!.Updates();
        Average?.AfterStep();

        return norm is null ? [.. leading, .. result.Parts ?? [], .. result.Predictions]
            : [.. leading, norm, .. result.Parts ?? [], .. result.Predictions];
    }

    // Each phase reads what those before it have updated. Gradients are taken by its own module's parameters alone: through the others they pass.
    private Tensors CalculatePhases(Batch batch, Pass pass, Tensor learningRate)
    {
        if (_part != Part.Whole)
            throw new TensorException($"{_objective} updates its parts in turn, which batches that are accumulated to one step can't",
                "AccumulateBatches of 1, and a larger batch where memory has room");
        var results = new List<ObjectiveResult>();
        var norms = new List<Tensor>();
        Tracer? tracer = Tracer.Current;
        using IEnumerator<ObjectiveResult> losses = _objective.ComputePhases(batch, pass).GetEnumerator();
        foreach (TrainingPhase phase in _objective.Phases)
        {
            (tracer as FiniteCheck)?.BeginPhase(phase.Name);
            if (!losses.MoveNext())
                throw new InvalidOperationException($"{_objective} gave {results.Count} losses for {_objective.Phases.Count} phases");
            results.Add(losses.Current);
            Parameter[] parameters = [.. phase.Module.Parameters];
            if (parameters.Length > 0)
            {
                GradientSet gradients = Gradient.Of(losses.Current.Loss, parameters);
                if (tracer is not null) tracer.Origin = new(null, Phase.Update);
                if (Update(gradients, learningRate) is { } norm) norms.Add(norm);
                if (tracer is not null) tracer.Origin = Origin.None;
            }
            else if (_options.MeasureNorm) norms.Add(Tensor.Of(0.0)); // a frozen one
        }
        if (tracer is not null) tracer.Origin = new(null, Phase.Update);
        if (_isProbing) _probes!.Updates();
        Average?.AfterStep();
        ObjectiveResult all = Objective.Together(results);
        Tensor[] leading = EpochScores.Leading(all, batch);
        _leading = leading.Length;
        return [.. leading, .. norms.Count == 0 ? [] : (Tensor[])[Tensor.Stack([.. norms]).Norm()], .. all.Parts!, .. norms, .. all.Predictions];
    }

    // The norm of the gradients, where it is measured.
    private Tensor? Update(GradientSet gradients, Tensor learningRate)
    {
        if (_isProbing) _probes!.Gradients(gradients);
        Tensor? norm = _options.MeasureNorm ? gradients.GlobalNorm() : null;
        if (_options.ClipValue is { } value) gradients = Clip.ByValue(gradients, value);
        if (_options.ClipNorm is { } limit) gradients = Clip.ByGlobalNorm(gradients, limit);
        _optimizer.Update(gradients, learningRate);
        return norm;
    }

    private Tensors Probe(Tensors x)
    {
        Tracer? tracer = Tracer.Current;
        _isProbing = true;
        _probes!.Begin(tracer);
        try
        {
            Tensors results = Calculate(x);
            return [.. results, _probes.End(tracer)];
        }
        finally
        {
            _isProbing = false;
        }
    }

    // Before the plan is recorded: shapes that wait for the first input are told, weights that nobody set are drawn.
    private void Prepare(Batch batch)
    {
        if (_isPrepared) return;
        if (!_objective.Model.IsBuilt) _objective.Build(batch.Example);
        _objective.Model.InitializeUnset((ulong)_options.Seed);
        if (!_objective.Model.Parameters.Any())
            throw new TensorException($"{_objective.Model} has no parameters to train",
                "a layer with weights in it, such as Linear, that isn't frozen; a layer is found as a property or field of a partial class");
        OptimizerState.Prepare(_objective, _optimizer);
        _optimizer.Prepare(_objective.Model);
        _isPrepared = true;
    }

    private ReadOnlySpan<Tensor> Inputs(Batch batch, long step, double learningRate)
    {
        if (!(learningRate >= 0) || !float.IsFinite((float)learningRate))
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "the learning rate is 0 or more, such as 0.001");
        _key.Overwrite<long>([_options.Seed, step]);
        _learningRate.Overwrite([(float)learningRate]);
        return _inputs.Of(batch, _key, _learningRate);
    }

    /// <summary>Which part of an update a batch is.</summary>
    private enum Part
    {
        Whole,
        More,
        Last,
    }
}
