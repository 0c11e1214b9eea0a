using System.Diagnostics;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Probes;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Trains a model epoch by epoch, validates it, keeps the best weights, saves checkpoints and resumes from them to the same bits. What
/// happens is reported in <see cref="TrainingEvent"/>s.
/// </summary>
public sealed class Trainer
{
    private readonly Objective _objective;
    private readonly Module _model;
    private readonly Optimizer _optimizer;
    private readonly TrainerOptions _options;
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly TrainStep _step;
    private readonly ObserverSet _observers;
    private readonly Evaluator _evaluator;
    private readonly CheckpointStore? _checkpoints;
    private readonly Stopwatch _clock = new();
    private readonly BestWeights _best;
    private readonly bool _higherIsBetter;
    private readonly DivergenceGuard _guard;
    private readonly ExclusiveUse _use = new("trainer", "a trainer and a network for each thread, or Fit() after the other has returned");
    private FrozenLayers? _frozen;
    private TrainingState _state;
    private double _secondsBefore;
    private long _lastSaved;
    private bool _isResumed;

    /// <summary>A trainer of a network by a loss.</summary>
    /// <inheritdoc cref="Trainer(Objective, Optimizer, TrainerOptions?, IReadOnlyList{Metric}?, IReadOnlyList{TrainingObserver}?)"/>
    public Trainer(Network network, Loss loss, Optimizer optimizer, TrainerOptions? options = null, IReadOnlyList<Metric>? metrics = null,
        IReadOnlyList<TrainingObserver>? observers = null) : this(new Supervised(network, loss), optimizer, options, metrics, observers) { }

    /// <summary>
    /// A trainer of an objective's model. Shapes that the model leaves to its first input are those of the training set; weights that nobody
    /// set or loaded are drawn from the seed and their paths when training begins.
    /// </summary>
    /// <param name="objective">What is trained, and what is minimised.</param>
    /// <param name="optimizer">How parameters are changed by their gradients, and the learning rate.</param>
    /// <param name="options">How long, by which schedule, and where it is saved.</param>
    /// <param name="metrics">What is measured beside the loss.</param>
    /// <param name="observers">Who looks on.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a score is monitored that isn't measured.</exception>
    public Trainer(Objective objective, Optimizer optimizer, TrainerOptions? options = null, IReadOnlyList<Metric>? metrics = null,
        IReadOnlyList<TrainingObserver>? observers = null)
    {
        _objective = objective;
        _model = objective.Model;
        _optimizer = optimizer;
        _options = options ?? new TrainerOptions();
        _metrics = metrics ?? [];
        Check(_options, optimizer);
        if (_metrics.DistinctBy(m => m.Name).Count() < _metrics.Count)
            throw new ArgumentException($"two metrics have one name: {string.Join(", ", _metrics)}", nameof(metrics));
        if (_metrics.FirstOrDefault(m => objective.PartNames.Contains(m.Name)) is { } twice)
            throw new ArgumentException($"a metric has the name of a part of the loss: {twice}", nameof(metrics));
        if (_options.Monitor != "loss" && _metrics.All(m => m.Name != _options.Monitor) && !objective.PartNames.Contains(_options.Monitor))
            throw new ArgumentException($"'{_options.Monitor}' is to be monitored, but there are only loss{string.Concat(_metrics.Select(m => $", {m}").Concat(objective.PartNames.Select(p => $", {p}")))}", nameof(options));
        _higherIsBetter = _metrics.FirstOrDefault(m => m.Name == _options.Monitor)?.HigherIsBetter ?? false;
        var step = new StepOptions
        {
            Seed = _options.Seed, ClipNorm = _options.ClipNorm, ClipValue = _options.ClipValue, AverageDecay = _options.AverageDecay, MeasureNorm = true,
        };
        _step = _options.AverageFromEpoch is { } from ? new TrainStep(objective, optimizer, step) { Average = new StochasticAverage(_model, from) }
            : new TrainStep(objective, optimizer, step);
        _observers = new ObserverSet(observers ?? [], _step);
        _evaluator = new Evaluator(objective);
        _state = new TrainingState { Seed = _options.Seed };
        _best = new BestWeights(_model, _options, _higherIsBetter);
        if (_options.Folder is { } folder) _checkpoints = new CheckpointStore(Path.Combine(folder, "checkpoints"));
        _guard = new DivergenceGuard(_model, optimizer, _step, _options, _checkpoints);
    }

    /// <summary>Number of steps done so far.</summary>
    public long Step => _state.Step;

    /// <summary>
    /// Loads the newest good checkpoint of the folder. A model whose shapes aren't known yet is told them by
    /// <see cref="Network.Build(Lamina.Tensors.Shapes.Specs)"/> before.
    /// </summary>
    /// <param name="skipped">Files that could not be used, and why: newer checkpoints, or the best weights, which are then sought anew.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CheckpointException">The checkpoint is of a run with another seed or other metrics.</exception>
    public bool Resume(out IReadOnlyList<string> skipped)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        skipped = [];
        _isResumed = true;
        Freeze();
        try
        {
            return Load(out skipped);
        }
        finally
        {
            _frozen?.Leave();
        }
    }

    private bool Load(out IReadOnlyList<string> skipped)
    {
        skipped = [];
        if (_checkpoints?.Load(_model.Variables, _step.State, out skipped) is not { } state) return false;
        if (state.Seed != _options.Seed)
            throw new CheckpointException($"{_checkpoints.Folder}: its checkpoint was made with seed {state.Seed}, this run has {_options.Seed}");
        if (state.Sums is { } sums && !EpochScores.Fits(sums, _objective, _metrics))
            throw new CheckpointException($"{_checkpoints.Folder}: its checkpoint counts {string.Join(", ", sums.Metrics.Keys)}, this run {string.Join(", ", _metrics)}");
        if (_best.Load(state) is { } problem)
        {
            skipped = [.. skipped, problem];
            state = state with { BestEpoch = 0, BestScore = null };
        }
        _state = state;
        _secondsBefore = state.Seconds;
        _options.Schedule.Restore(state.Schedule);
        return true;
    }

    /// <summary>
    /// Trains until all epochs are done, the budget is spent, no better epoch comes, or it is cancelled; then the model has its best weights.
    /// </summary>
    /// <param name="training">The examples to train on.</param>
    /// <param name="validation">The examples to measure on after each epoch; null: the training scores decide which epoch is best.</param>
    /// <param name="events">What happens, as it happens, on the calling thread.</param>
    /// <param name="cancel">Stops after the step in progress; a checkpoint is saved.</param>
    /// <exception cref="DivergedException">
    /// The loss, the gradients, a parameter or the optimiser's state became NaN or infinite, in this run or, where nothing was changed
    /// since, in the one that is resumed. No checkpoint and no best weights hold such values.
    /// </exception>
    /// <exception cref="Lamina.Tensors.Shapes.TensorException">The network can't be trained on batches of this shape or size; nothing was done.</exception>
    /// <exception cref="ConcurrentUseException">The trainer is at work for another caller.</exception>
    /// <exception cref="SaveException">A checkpoint could not be written; the one before it is good.</exception>
    /// <exception cref="CheckpointException">The folder holds checkpoints of an earlier training that was not resumed: nothing is written over
    /// them.</exception>
    public Finished Fit(DataLoader training, DataLoader? validation = null, Action<TrainingEvent>? events = null, CancellationToken cancel = default)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        if (_state.Step == 0 && !_isResumed && _checkpoints?.Newest is { } there)
            throw new CheckpointException($"{_checkpoints.Folder} holds checkpoints of an earlier training, up to step {there}\n  try Resume() before Fit() to resume it, or another folder");
        if (!_model.IsBuilt) _objective.Build(training.Dataset.Inputs);
        _model.InitializeUnset((ulong)_options.Seed);
        Freeze();
        try
        {
            return Train(training, validation, e =>
            {
                events?.Invoke(e);
                _observers.Tell(e);
            }, cancel);
        }
        finally
        {
            _frozen?.Leave();
        }
    }

    private Finished Train(DataLoader training, DataLoader? validation, Action<TrainingEvent> tell, CancellationToken cancel)
    {
        int usable = BatchCheck.UsableBatches(_objective, training, out string? leftOut);
        var batches = new BatchCount(Math.Min(usable, _options.BatchesPerEpoch ?? int.MaxValue), _options.AccumulateBatches);
        _guard.Begin(_state, training, batches, tell);
        if (leftOut is not null && batches.Batches == training.BatchCount - 1) tell(new Noted(leftOut));
        tell(new Started(_options.Epochs, batches.Steps, training.BatchSize * _options.AccumulateBatches, _state.Step, _model.ParameterCount));
        if (_frozen is not null) tell(_frozen.Event(_state.Epoch));
        _clock.Restart();
        _lastSaved = Stopwatch.GetTimestamp();
        // The point to come back to, should a loss not be finite before the first checkpoint.
        if (_state.Step == 0) Save(tell);
        FinishReason? reason = null;
        while (reason is null && _state.Epoch < _options.Epochs && !IsSpent)
        {
            // A run that is resumed after it stopped early doesn't go on.
            if (_state.BestScore is not null && IsOutOfPatience)
            {
                reason = FinishReason.StoppedEarly;
                break;
            }
            if (_frozen?.Enter(_state.Epoch) == true) tell(_frozen.Event(_state.Epoch));
            long began = Stopwatch.GetTimestamp();
            if (RunEpoch(training, batches, tell, cancel) is not { } trained || !FinishEpoch(trained, validation, began, tell, cancel))
                reason = FinishReason.Interrupted;
            else if (IsOutOfPatience && _state.Epoch < _options.Epochs) reason = FinishReason.StoppedEarly;
        }
        reason ??= _state.Epoch < _options.Epochs ? FinishReason.BudgetSpent : FinishReason.Completed;
        if (reason == FinishReason.Interrupted) Save(tell);
        else _best.Restore();
        var finished = new Finished(reason.Value, _state.Epoch, _state.Step, _state.BestEpoch, Seconds);
        tell(finished);
        return finished;
    }

    /// <summary>The same as <see cref="Fit"/> on a thread of its own, for programs that wait without blocking.</summary>
    /// <param name="training">The examples to train on.</param>
    /// <param name="validation">The examples to measure on after each epoch, or null.</param>
    /// <param name="progress">Is told what happens, in the way of its own: <see cref="Progress{T}"/> calls back where it was made.</param>
    /// <param name="cancel">Stops after the step in progress; a checkpoint is saved, and the result says that it was interrupted.</param>
    public Task<Finished> FitAsync(DataLoader training, DataLoader? validation = null, IProgress<TrainingEvent>? progress = null,
        CancellationToken cancel = default) =>
        Task.Factory.StartNew(() => Fit(training, validation, progress is null ? null : progress.Report, cancel), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Loss and metrics of the model over a set, with nothing random and nothing updated.</summary>
    public Scores Evaluate(DataLoader loader, CancellationToken cancel = default) => _evaluator.Run(loader, _metrics, cancel: cancel);

    /// <inheritdoc cref="Evaluator.Predict"/>
    public Tensors Predict(DataLoader loader, CancellationToken cancel = default) => _evaluator.Predict(loader, cancel);

    private double Seconds => _secondsBefore + _clock.Elapsed.TotalSeconds;

    private bool IsSpent => _state.Step >= _options.MaxSteps || _state.TimeRanOutAt is not null;

    private bool IsOutOfPatience => _options.Patience is { } patience && _state.Epoch - _state.BestEpoch > patience;

    // The rest of the epoch in progress, or of the budget; null where it was cancelled.
    private Scores? RunEpoch(DataLoader training, BatchCount batches, Action<TrainingEvent> tell, CancellationToken cancel)
    {
        var scores = new EpochScores(_objective, _metrics, _state.Sums);
        long totalSteps = (long)batches.Steps * _options.Epochs;
        if (_state.Batch >= batches.Batches) return scores.Scores;
        int examples = 0;
        foreach (Batch batch in training.Epoch(_state.Epoch, _state.Batch, CancellationToken.None, _options.Seed))
        {
            if (batches.IsFirst(_state.Batch) && cancel.IsCancellationRequested)
            {
                Note(scores);
                return null;
            }
            double rate = _optimizer.LearningRate * _options.Schedule.At(_state.Step, totalSteps);
            bool isLast = batches.IsLast(_state.Batch);
            _observers.Begin(batch);
            StepResult result = isLast ? Run(batch, batches.Key(_state), rate) : _step.Accumulate(batch, batches.Key(_state));
            double loss = result.Loss.Item();
            double norm = result.GradientNorm?.Item() ?? 0;
            if (_step.Problem(result) is { } problem) throw _guard.Explain(problem, _state.Step + 1);
            scores.Add(result.Scored, result.Parts, result.Predictions, batch);
            _state = _state with { Step = _state.Step + (isLast ? 1 : 0), Batch = _state.Batch + 1 };
            examples += batch.Count;
            if (!isLast) continue;
            tell(new StepDone(_state.Step, _state.Epoch + 1, batches.StepsIn(_state.Batch), loss, rate, norm, examples) { Parts = PartsOf(result) });
            examples = 0;
            if (_options.MaxTime is { } time && Seconds >= time.TotalSeconds && _state.Step < _options.MaxSteps.GetValueOrDefault(long.MaxValue))
                _state = _state with { TimeRanOutAt = _state.Step };
            if (_state.Batch == batches.Batches || IsSpent) break;
            if (Stopwatch.GetElapsedTime(_lastSaved) < _options.CheckpointEvery) continue;
            Note(scores);
            Save(tell);
        }
        // Before the metrics are used for the validation, which may be broken off.
        Note(scores);
        return scores.Scores;
    }

    // To the same bits, whether somebody looks or not.
    private StepResult Run(Batch batch, long key, double rate)
    {
        if (!_observers.IsProbed(_state.Step + 1)) return _step.Run(batch, key, rate);
        (StepResult result, IReadOnlyList<ProbeValue> values) = _step.RunProbed(batch, key, rate);
        _observers.Tell(_state.Step + 1, values);
        return result;
    }

    private IReadOnlyList<KeyValuePair<string, double>> PartsOf(StepResult result)
    {
        if (result.Parts.Length == 0) return [];
        var parts = new KeyValuePair<string, double>[result.Parts.Length];
        for (int i = 0; i < parts.Length; i++) parts[i] = new(_objective.PartNames[i], result.Parts[i].Item());
        return parts;
    }

    private void Freeze()
    {
        if (_options.Freezing is not { } freezing) return;
        _frozen ??= new FrozenLayers(_objective, _optimizer, freezing);
        _frozen.Enter(_state.Epoch);
    }

    private void Note(EpochScores scores) => _state = _state with { Sums = scores.Sums };

    // Validates, keeps the best weights, saves; false where it was cancelled (the epoch's steps are done and not lost).
    private bool FinishEpoch(Scores trained, DataLoader? validation, long began, Action<TrainingEvent> tell, CancellationToken cancel)
    {
        _guard.Check(_state);
        _step.Average?.AfterEpoch(_state.Epoch + 1);
        _step.Average?.Exchange();
        try
        {
            Scores? validated = null;
            try
            {
                if (validation is not null) validated = _evaluator.Run(validation, _metrics, _options.ValidationBatches, null, cancel);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            double score = (validated ?? trained)[_options.Monitor];
            // Where less loss isn't better, the last epoch counts as the best one.
            bool isBest = _best.Offer(score, _options.Monitor != "loss" || _objective.LossRanksEpochs ? _state.BestScore : null);
            _options.Schedule.Observe(score, _higherIsBetter);
            _state = _state with
            {
                Epoch = _state.Epoch + 1, Batch = 0, Sums = null, Schedule = _options.Schedule.State,
                BestEpoch = isBest ? _state.Epoch + 1 : _state.BestEpoch, BestScore = isBest ? score : _state.BestScore,
            };
            // Who looks at the model now sees the weights that were measured.
            tell(new EpochDone(_state.Epoch, _state.Step, trained, validated, isBest, Stopwatch.GetElapsedTime(began).TotalSeconds));
        }
        finally
        {
            _step.Average?.Exchange();
        }
        Save(tell);
        return true;
    }

    private void Save(Action<TrainingEvent> tell)
    {
        _lastSaved = Stopwatch.GetTimestamp();
        _guard.Check(_state);
        if (_checkpoints is null)
        {
            _guard.Keep(_state);
            return;
        }
        string folder = _checkpoints.Save(_model.Variables, _step.State, _state with { Seconds = Seconds });
        _guard.Keep(_state);
        tell(new CheckpointSaved(_state.Step, folder));
    }

    private static void Check(TrainerOptions options, Optimizer optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Epochs, 1, nameof(options.Epochs));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AccumulateBatches, 1, nameof(options.AccumulateBatches));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxSteps ?? 1, 1, nameof(options.MaxSteps));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Patience ?? 0, 0, nameof(options.Patience));
        if (options.MaxTime is { } time && time <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(options.MaxTime), time, "the time for training must be above zero");
        if (options.AverageDecay is { } decay && !(decay is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options.AverageDecay), decay, "the decay of the average must be above 0 and below 1");
        options.Freezing?.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AverageFromEpoch ?? 1, 1, nameof(options.AverageFromEpoch));
        if (options.AverageFromEpoch is not null && options.AverageDecay is not null)
            throw new ArgumentException("AverageDecay and AverageFromEpoch are two ways to average the weights: set one of them", nameof(options));
        if (!(optimizer.LearningRate > 0) || !float.IsFinite((float)optimizer.LearningRate))
            throw new ArgumentOutOfRangeException(nameof(optimizer), optimizer.LearningRate, "the learning rate is a number above 0, such as 0.001");
    }
}

/// <summary>The batches of an epoch, and how they are put together to steps: several, where gradients are accumulated; the last may have fewer.</summary>
internal readonly record struct BatchCount(int Batches, int PerStep)
{
    /// <summary>Number of steps in an epoch.</summary>
    public int Steps => StepsIn(Batches);

    /// <summary>Number of steps that so many batches are.</summary>
    public int StepsIn(int batches) => (batches + PerStep - 1) / PerStep;

    /// <summary>Whether a batch is the first of its step.</summary>
    public bool IsFirst(int batch) => batch % PerStep == 0;

    /// <summary>Whether a batch is the last of its step.</summary>
    public bool IsLast(int batch) => (batch + 1) % PerStep == 0 || batch + 1 == Batches;

    /// <summary>The number that everything random of the next batch is drawn from; the step's own where each batch is a step.</summary>
    public long Key(TrainingState state) => state.Step * PerStep + state.Batch % PerStep;
}
