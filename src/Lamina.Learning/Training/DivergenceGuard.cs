using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

/// <summary>
/// Keeps NaN and infinities out of what counts as good. It knows the last good state (the newest checkpoint, or a copy in memory
/// where nothing is written), says whether the values of model and optimiser are finite, and finds out where a value that
/// isn't came from, by doing the steps since then again: they have the same bits.
/// </summary>
internal sealed class DivergenceGuard(Module model, Optimizer optimizer, TrainStep step, TrainerOptions options, CheckpointStore? checkpoints)
{
    private const int StepsBetweenCopies = 16;

    // Times that the largest norm of a parameter grows between two checkpoints.
    private const double Ruined = 100;

    private readonly HashSet<Variable> _masks = [];
    private StateCopy? _good;
    private DataLoader? _training;
    private BatchCount _batches;
    private long _checked = -1;

    /// <summary>Before the first step: what is trained on, and which infinities are meant.</summary>
    /// <exception cref="DivergedException">A parameter is not finite already, or the run diverged before and would again.</exception>
    public void Begin(TrainingState state, DataLoader training, BatchCount batches, Action<TrainingEvent> tell)
    {
        (_training, _batches) = (training, batches);
        foreach ((_, Variable variable) in model.Variables)
            if (!variable.IsTrainable && FiniteCheck.Find(variable.Value) is { IsNaN: false }) _masks.Add(variable);
        if (FindBad() is { } bad) throw Error($"{bad.Path} is {bad.Text} before the first step", state.Step, $"{bad.Path} is {bad.Text}", null, null);
        if (checkpoints is null || DivergenceMark.Read(checkpoints.Folder) is not { } mark || mark.Step <= state.Step) return;
        if (Conditions(mark.Step) == mark.Conditions)
        {
            throw Error($"this run diverged before: {mark.Problem} at step {mark.Step}; nothing was changed since, so it would again",
                mark.Step, mark.Problem, mark.Origin, new(state.Step, checkpoints.PathOf(state.Step)));
        }
        tell(new Noted(FormattableString.Invariant($"this run diverged at step {mark.Step} before: {mark.Problem}; it goes on from step {state.Step} with a learning rate of {optimizer.LearningRate}")));
    }

    /// <summary>Refuses a state that is not finite; called before anything of it is kept.</summary>
    /// <exception cref="DivergedException">A value of model or optimiser is NaN or infinite.</exception>
    public void Check(TrainingState state)
    {
        if (_checked == state.Step) return;
        if (FindBad() is { } bad) throw Explain($"{bad.Path} became {bad.Text}", state.Step);
        _checked = state.Step;
    }

    /// <summary>The state was checked and, where there is a folder, saved: it is the one to come back to.</summary>
    public void Keep(TrainingState state)
    {
        if (checkpoints is null) _good = new StateCopy(state, Variables.Select(v => v.Variable));
        else if (DivergenceMark.Read(checkpoints.Folder) is { } mark && mark.Step <= state.Step) DivergenceMark.Remove(checkpoints.Folder);
    }

    /// <summary>Goes back to the last good state, finds out what went wrong since, and marks the run.</summary>
    /// <param name="problem">What is not finite.</param>
    /// <param name="steps">Steps done, the bad one included.</param>
    public DivergedException Explain(string problem, long steps)
    {
        if (Restore() is not { } good) return Error($"{problem} at step {steps}", steps, problem, null, null);
        string? origin = FindOrigin(good, steps);
        Restore();
        if (checkpoints is not null) good = DropRuined(good);
        Mark(new(steps, problem, origin, Conditions(steps)));
        return Error($"{problem} at step {steps}", steps, problem, origin, new(good.Step, checkpoints?.PathOf(good.Step)));
    }

    private DivergedException Error(string first, long steps, string problem, string? origin, KeptState? kept) =>
        new(first, steps, problem, origin, kept) { LearningRate = optimizer.LearningRate };

    private IEnumerable<NamedVariable> Variables => model.Variables.Concat(step.State);

    // One reduction over everything; those that began infinite are masks.
    private (string Path, string Text)? FindBad()
    {
        foreach ((string path, Variable variable) in Variables)
            if (!_masks.Contains(variable) && FiniteCheck.Find(variable.Value) is { } bad) return (ModuleWalk.Display(path), bad.IsNaN ? "NaN" : "infinite");
        return null;
    }

    private TrainingState? Restore()
    {
        if (checkpoints is not null) return checkpoints.Load(model.Variables, step.State, out _);
        _good?.Restore();
        return _good?.State;
    }

    // A checkpoint from amid a divergence is finite, but its weights have grown beyond use: the one before it is the good one.
    private TrainingState DropRuined(TrainingState newest)
    {
        double size = Size();
        if (checkpoints!.Load(model.Variables, step.State, newest.Step, out _) is { } older && size > Ruined * Size())
        {
            try
            {
                checkpoints.Remove(newest.Step);
                return older;
            }
            catch (SaveException)
            {
                // Then it stays the one to go on from.
            }
        }
        return Restore() ?? newest;

        double Size() => model.Parameters.Where(p => p.Spec.DType.IsFloat).Select(p => p.Value.Norm().Item()).DefaultIfEmpty().Max();
    }

    // The first step since the good state that gives or leaves something that isn't finite is done once more, call by call.
    private string? FindOrigin(TrainingState good, long steps)
    {
        StateCopy copy = Copy(good);
        foreach ((TrainingState at, Batch batch) in Batches(good, steps))
        {
            if (_batches.IsFirst(at.Batch) && (at.Step - good.Step) % StepsBetweenCopies == 0) copy = Copy(at);
            if (Replay(at, batch) is not { } result) continue;
            if (double.IsFinite(result.Loss.Item()) && double.IsFinite(result.GradientNorm!.Item()) && FindBad() is null) continue;
            copy.Restore();
            return ExplainStep(copy.State, at.Step + 1);
        }
        return null;
    }

    private string? ExplainStep(TrainingState from, long steps)
    {
        foreach ((TrainingState at, Batch batch) in Batches(from, steps))
        {
            if (at.Step < steps - 1 || !_batches.IsLast(at.Batch))
            {
                Replay(at, batch);
                continue;
            }
            var check = new FiniteCheck();
            Lamina.Tensors.Tensors results = step.RunEagerly(batch, _batches.Key(at), Rate(at.Step), check);
            return check.Explain(step.Suspects(results), Variables.DistinctBy(v => v.Variable).ToDictionary(v => v.Variable, v => v.Path));
        }
        return null;
    }

    // Null for a batch whose gradients are accumulated.
    private StepResult? Replay(TrainingState at, Batch batch)
    {
        if (_batches.IsLast(at.Batch)) return step.Run(batch, _batches.Key(at), Rate(at.Step));
        step.Accumulate(batch, _batches.Key(at));
        return null;
    }

    private StateCopy Copy(TrainingState state) => new(state, Variables.Select(v => v.Variable));

    /// <summary>The batches from a state up to so many steps, each with the state before it.</summary>
    private IEnumerable<(TrainingState Before, Batch Batch)> Batches(TrainingState state, long steps)
    {
        while (state.Step < steps)
        {
            if (state.Batch >= _batches.Batches) state = state with { Epoch = state.Epoch + 1, Batch = 0 };
            foreach (Batch batch in _training!.Epoch(state.Epoch, state.Batch, seed: options.Seed))
            {
                yield return (state, batch);
                state = state with { Step = state.Step + (_batches.IsLast(state.Batch) ? 1 : 0), Batch = state.Batch + 1 };
                if (state.Step == steps || state.Batch == _batches.Batches) break;
            }
        }
    }

    private double Rate(long index) => optimizer.LearningRate * options.Schedule.At(index, (long)_batches.Steps * options.Epochs);

    // What a step's numbers depend on beside the state before it, as far as it can be seen from here.
    private string Conditions(long steps)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{Rate(steps - 1):R} {options.ClipNorm:R} {options.ClipValue:R} {optimizer} {_batches.Batches} {_batches.PerStep} {options.Epochs}");
        hash.AppendData(Encoding.UTF8.GetBytes(text + string.Concat(model.Modules.Select(m => $"\n{m.Path} {m.Module}"))));
        int epoch = (int)((steps - 1) / _batches.Steps), index = (int)((steps - 1) % _batches.Steps) * _batches.PerStep;
        foreach (Batch batch in _training!.Epoch(epoch, index, seed: options.Seed))
        {
            foreach (Tensor tensor in (Tensor[])[.. batch.Inputs.Span, .. batch.Targets.Span]) hash.AppendData(tensor.ReadBytes());
            break;
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Mark(DivergenceMark mark)
    {
        try
        {
            if (checkpoints is not null) mark.Write(checkpoints.Folder);
        }
        catch (SaveException)
        {
            // Then a resumed run finds out by itself; what diverged is the message that matters.
        }
    }
}
