using System.Diagnostics;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

/// <summary>
/// Trains a network epoch by epoch, validates it, keeps the best weights, saves checkpoints and goes on from them to the
/// same bits. What happens is told in <see cref="TrainingEvent"/>s.
/// </summary>
public sealed class Trainer
{
    private readonly Layer _model;
    private readonly Optimizer _optimizer;
    private readonly TrainerOptions _options;
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly TrainStep _step;
    private readonly Evaluator _evaluator;
    private readonly CheckpointStore? _checkpoints;
    private readonly Stopwatch _clock = new();
    private readonly BestWeights _best;
    private readonly ExclusiveUse _use = new("trainer", "a trainer and a network for each thread, or Fit() after the other has returned");
    private readonly DivergenceGuard _guard;
    private TrainingState _state;
    private double _secondsBefore;
    private long _lastSaved;
    private bool _isResumed;

    /// <summary>A trainer of a model. Shapes that the model leaves to its first input are those of the training set (see <see cref="Layer.Build"/>).</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="loss">What is made small.</param>
    /// <param name="optimizer">How parameters are changed by their gradients; the rate is that of the options.</param>
    /// <param name="options">How long, how fast, and where it is saved.</param>
    /// <param name="metrics">What is measured beside the loss.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a score is monitored that isn't measured.</exception>
    public Trainer(Layer model, Loss loss, Optimizer optimizer, TrainerOptions? options = null, IReadOnlyList<Metric>? metrics = null)
    {
        _model = model;
        _optimizer = optimizer;
        _options = options ?? new TrainerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Epochs, 1, nameof(_options.Epochs));
        if (!(_options.LearningRate > 0) || !float.IsFinite((float)_options.LearningRate))
            throw new ArgumentOutOfRangeException(nameof(_options.LearningRate), _options.LearningRate, "the learning rate is a number above 0, such as 0.001");
        _metrics = metrics ?? [];
        if (_metrics.DistinctBy(m => m.Name).Count() < _metrics.Count) throw new ArgumentException($"two metrics have one name: {string.Join(", ", _metrics)}", nameof(metrics));
        if (_options.Monitor != "loss" && _metrics.All(m => m.Name != _options.Monitor))
            throw new ArgumentException($"'{_options.Monitor}' is to be monitored, but there are only loss{string.Concat(_metrics.Select(m => $", {m}"))}", nameof(options));
        _step = new TrainStep(model, loss, optimizer, new StepOptions { Seed = _options.Seed, ClipNorm = _options.ClipNorm, ClipValue = _options.ClipValue, MeasureNorm = true });
        _evaluator = new Evaluator(model, loss);
        _state = new TrainingState { Seed = _options.Seed };
        _best = new BestWeights(model, _options);
        if (_options.Folder is { } folder) _checkpoints = new CheckpointStore(Path.Combine(folder, "checkpoints"));
        _guard = new DivergenceGuard(model, optimizer, _step, _options, _checkpoints);
    }

    /// <summary>Steps done so far.</summary>
    public long Step => _state.Step;

    /// <summary>
    /// Takes up the newest good checkpoint of the folder. A model whose shapes aren't known yet is told them by <see cref="Layer.Build"/> before.
    /// </summary>
    /// <param name="skipped">Files that could not be used, and why: newer checkpoints, or the best weights, which are then sought anew.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CheckpointException">The checkpoint is of a run with another seed or other metrics.</exception>
    public bool Resume(out IReadOnlyList<string> skipped)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        skipped = [];
        _isResumed = true;
        if (_checkpoints?.Load(_model.Variables, OptimizerState, out skipped) is not { } state) return false;
        if (state.Seed != _options.Seed) throw new CheckpointException($"{_checkpoints.Folder}: its checkpoint was made with seed {state.Seed}, this run has {_options.Seed}");
        if (state.Sums is { } sums && _metrics.Any(m => sums.Metrics.GetValueOrDefault(m.Name)?.Count != m.Totals.Count))
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

    /// <summary>Trains until all epochs are done, no better epoch comes, or it is cancelled; then the model has its best weights.</summary>
    /// <param name="training">The examples to learn from.</param>
    /// <param name="validation">The examples to measure on after each epoch; null: the training scores decide which epoch is best.</param>
    /// <param name="events">What happens, as it happens, on the calling thread.</param>
    /// <param name="cancel">Stops after the step in progress; a checkpoint is saved.</param>
    /// <exception cref="DivergedException">
    /// The loss, the gradients, a parameter or the optimiser's state became NaN or infinite, in this run or, where nothing was changed
    /// since, in the one that is resumed. No checkpoint and no best weights hold such values.
    /// </exception>
    /// <exception cref="Lamina.Tensors.Shapes.TensorException">The network can't be trained on batches of this shape or size; nothing was done.</exception>
    /// <exception cref="SaveException">A checkpoint could not be written; the one before it is good.</exception>
    /// <exception cref="ConcurrentUseException">The trainer is at work for another caller.</exception>
    /// <exception cref="CheckpointException">The folder holds checkpoints of an earlier training that was not resumed: nothing is written over them.</exception>
    public Finished Fit(DataLoader training, DataLoader? validation = null, Action<TrainingEvent>? events = null, CancellationToken cancel = default)
    {
        using ExclusiveUse.Scope inside = _use.Enter();
        if (_state.Step == 0 && !_isResumed && _checkpoints?.Newest is { } there)
            throw new CheckpointException($"{_checkpoints.Folder} holds checkpoints of an earlier training, up to step {there}\n  try Resume() before Fit() to go on with it, or another folder");
        if (!_model.IsBuilt) _model.Build(training.Dataset.Input.Shape, training.Dataset.Input.DType);
        Action<TrainingEvent> tell = events ?? (_ => { });
        int steps = Math.Min(BatchCheck.UsableBatches(_model, training, out string? leftOut), _options.StepsPerEpoch ?? int.MaxValue);
        _guard.Begin(_state, training, steps, tell);
        if (leftOut is not null && steps == training.BatchCount - 1) tell(new Noted(leftOut));
        tell(new Started(_options.Epochs, steps, training.BatchSize, _state.Step, _model.ParameterCount));
        _clock.Restart();
        _lastSaved = Stopwatch.GetTimestamp();
        // The point to come back to, should a loss not be finite before the first checkpoint.
        if (_state.Step == 0) Save(tell);
        FinishReason reason = FinishReason.Completed;
        while (_state.Epoch < _options.Epochs)
        {
            long began = Stopwatch.GetTimestamp();
            Scores? trained = RunEpoch(training, steps, tell, cancel);
            if (trained is null)
            {
                reason = FinishReason.Interrupted;
                break;
            }
            if (!FinishEpoch(trained, validation, began, tell, cancel)) reason = FinishReason.Interrupted;
            else if (_options.Patience is { } patience && _state.Epoch - _state.BestEpoch >= patience && _state.Epoch < _options.Epochs) reason = FinishReason.StoppedEarly;
            if (reason != FinishReason.Completed) break;
        }
        if (reason == FinishReason.Interrupted) Save(tell);
        else _best.Restore();
        var finished = new Finished(reason, _state.Epoch, _state.Step, _state.BestEpoch, Seconds);
        tell(finished);
        return finished;
    }

    private double Seconds => _secondsBefore + _clock.Elapsed.TotalSeconds;

    private IReadOnlyList<NamedVariable> OptimizerState => [.. _optimizer.Variables(_model)];

    // The rest of the epoch in progress; null where it was cancelled.
    private Scores? RunEpoch(DataLoader training, int steps, Action<TrainingEvent> tell, CancellationToken cancel)
    {
        LossTotal total = TakeUpSums(out long examples);
        long totalSteps = (long)steps * _options.Epochs;
        if (_state.Batch < steps)
        {
            foreach (Batch batch in training.Epoch(_state.Epoch, _state.Batch, CancellationToken.None))
            {
                if (cancel.IsCancellationRequested)
                {
                    Note(total, examples);
                    return null;
                }
                double rate = _options.LearningRate * _options.Schedule.At(_state.Step, totalSteps);
                StepResult result = _step.Run(batch, _state.Step, rate);
                double loss = result.Loss.Item(), norm = result.GradientNorm!.Item();
                if (!double.IsFinite(loss)) throw _guard.Explain(DivergedException.Became("the loss", loss), _state.Step + 1);
                if (!double.IsFinite(norm)) throw _guard.Explain(DivergedException.Became("the gradient", norm), _state.Step + 1);
                foreach (Metric metric in _metrics) metric.Add(result.Prediction, batch.Targets);
                total = total.Add(loss, batch, result.LossSums is (Tensor sum, Tensor weight) ? (sum.Item(), weight.Item()) : null);
                examples += batch.Count;
                _state = _state with { Step = _state.Step + 1, Batch = _state.Batch + 1 };
                tell(new StepDone(_state.Step, _state.Epoch + 1, _state.Batch, loss, rate, norm, batch.Count));
                if (_state.Batch == steps) break;
                if (Stopwatch.GetElapsedTime(_lastSaved) < _options.CheckpointEvery) continue;
                Note(total, examples);
                Save(tell);
            }
            // Before the metrics are used for the validation, which may be broken off.
            Note(total, examples);
        }
        return new Scores(total.Mean, _metrics.ToDictionary(m => m.Name, m => m.Value));
    }

    private void Note(LossTotal loss, long examples) =>
        _state = _state with { Sums = new EpochSums(loss.Sum, examples, _metrics.ToDictionary(m => m.Name, m => m.Totals)) { Weight = loss.Weight } };

    // What was counted before this epoch was broken off; a new epoch begins with nothing.
    private LossTotal TakeUpSums(out long examples)
    {
        foreach (Metric metric in _metrics)
        {
            metric.Reset();
            if (_state.Sums is { } sums) metric.Totals = sums.Metrics[metric.Name];
        }
        examples = _state.Sums?.Examples ?? 0;
        return _state.Sums is { } counted ? new(counted.Loss, counted.Weight ?? counted.Examples) : default;
    }

    // Validates, keeps the best weights, saves; false where it was cancelled (the epoch's steps are done and not lost).
    private bool FinishEpoch(Scores trained, DataLoader? validation, long began, Action<TrainingEvent> tell, CancellationToken cancel)
    {
        _guard.Check(_state);
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
        bool isBest = _best.Offer(score, _state.BestScore);
        _options.Schedule.Observe(score, _options.HigherIsBetter);
        _state = _state with
        {
            Epoch = _state.Epoch + 1, Batch = 0, Sums = null, Schedule = _options.Schedule.State,
            BestEpoch = isBest ? _state.Epoch + 1 : _state.BestEpoch, BestScore = isBest ? score : _state.BestScore,
        };
        tell(new EpochDone(_state.Epoch, _state.Step, trained, validated, isBest, Stopwatch.GetElapsedTime(began).TotalSeconds));
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
        string folder = _checkpoints.Save(_model.Variables, OptimizerState, _state with { Seconds = Seconds });
        _guard.Keep(_state);
        tell(new CheckpointSaved(_state.Step, folder));
    }
}
