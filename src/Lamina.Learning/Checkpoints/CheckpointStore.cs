using System.Globalization;
using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Checkpoints;

/// <summary>
/// The checkpoints of a run: a folder each, named by its step, with <c>model.safetensors</c>,
/// <c>optimizer.safetensors</c> and <c>state.json</c>. A checkpoint appears whole or not at all, and the one before it
/// stays until the next is there, so that the last good one always loads.
/// </summary>
public sealed class CheckpointStore(string folder, int keep = 2)
{
    private const string Model = "model.safetensors", Optimizer = "optimizer.safetensors", State = "state.json";

    /// <summary>The folder that holds them.</summary>
    public string Folder => folder;

    /// <summary>The newest checkpoint's step, whether it is whole or not; null where there is none.</summary>
    public long? Newest => Steps().Select(x => (long?)x.Step).FirstOrDefault();

    /// <summary>Whether the run diverged after its newest checkpoint: it has to be changed before it is resumed.</summary>
    public bool HasDiverged => DivergenceMark.Read(folder) is { } mark && mark.Step > (Newest ?? 0);

    /// <summary>The folder of a step's checkpoint, whether it is there or not.</summary>
    internal string PathOf(long step) => Path.Combine(folder, step.ToString("D9", CultureInfo.InvariantCulture));

    /// <summary>
    /// Saves a checkpoint. Those older than the last few are removed, and those of later steps: training went back to before
    /// them because they were damaged.
    /// </summary>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="SaveException">It could not be written; the earlier ones are as they were.</exception>
    public string Save(IEnumerable<NamedVariable> model, IEnumerable<NamedVariable> optimizer, TrainingState state)
    {
        string path = PathOf(state.Step);
        AtomicFolder.Write(path, temporary =>
        {
            SafeTensors.Write(Path.Combine(temporary, Model), Values(model));
            SafeTensors.Write(Path.Combine(temporary, Optimizer), Values(optimizer));
            AtomicFile.Write(Path.Combine(temporary, State), stream => JsonSerializer.Serialize(stream, state, StateJson.Default.TrainingState));
        });
        SaveException.Explain(folder, () =>
        {
            IReadOnlyList<(long Step, string Path)> all = Steps();
            foreach ((_, string old) in all.Where(x => x.Step > state.Step).Concat(all.Where(x => x.Step <= state.Step).Skip(keep))) AtomicFolder.Delete(old);
            AtomicFolder.Clean(folder);
        });
        return path;
    }

    /// <summary>
    /// Loads the newest checkpoint that is whole into model and optimiser; one that is damaged is passed over, and said
    /// in <paramref name="skipped"/>.
    /// </summary>
    /// <returns>Where training stood, or null where there is no good checkpoint.</returns>
    public TrainingState? Load(IReadOnlyList<NamedVariable> model, IReadOnlyList<NamedVariable> optimizer, out IReadOnlyList<string> skipped) =>
        Load(model, optimizer, long.MaxValue, out skipped);

    /// <summary>Loads the newest whole checkpoint of an earlier step than <paramref name="before"/>.</summary>
    internal TrainingState? Load(IReadOnlyList<NamedVariable> model, IReadOnlyList<NamedVariable> optimizer, long before, out IReadOnlyList<string> skipped)
    {
        var problems = new List<string>();
        skipped = problems;
        if (Directory.Exists(folder)) SaveException.Explain(folder, () => AtomicFolder.Clean(folder));
        foreach ((long step, string path) in Steps().Where(x => x.Step < before))
        {
            try
            {
                TrainingState state = ReadState(Path.Combine(path, State));
                if (state.Step != step) throw new JsonException($"its state is that of step {state.Step}");
                IReadOnlyDictionary<string, Tensor> weights = SafeTensors.Read(Path.Combine(path, Model)).Tensors,
                    moments = SafeTensors.Read(Path.Combine(path, Optimizer)).Tensors;
                // Nothing is changed before all is known to fit.
                Check(model, weights, path);
                Check(optimizer, moments, path);
                CheckFinite(model.Where(v => v.Variable.IsTrainable), weights, path);
                CheckFinite(optimizer, moments, path);
                Fill(model, weights, path);
                Fill(optimizer, moments, path);
                return state;
            }
            catch (Exception e) when (e is FileFormatException or IOException or JsonException or UnauthorizedAccessException or CheckpointException)
            {
                problems.Add(e.Message.StartsWith(path, StringComparison.Ordinal) ? e.Message : $"{path}: {e.Message}");
            }
        }
        return null;
    }

    /// <summary>Gives variables the values that a file holds under their paths.</summary>
    /// <exception cref="CheckpointException">A value is missing, one too many, or of another type or shape; nothing was changed.</exception>
    public static void Fill(IReadOnlyList<NamedVariable> variables, IReadOnlyDictionary<string, Tensor> values, string file)
    {
        Check(variables, values, file);
        foreach ((string path, Variable variable) in variables) variable.Value = values[path];
    }

    /// <summary>The values of variables by their paths.</summary>
    public static IEnumerable<KeyValuePair<string, Tensor>> Values(IEnumerable<NamedVariable> variables) =>
        variables.Select(v => KeyValuePair.Create(v.Path, v.Variable.Value));

    private static TrainingState ReadState(string file)
    {
        using FileStream stream = File.OpenRead(file);
        TrainingState state = JsonSerializer.Deserialize(stream, StateJson.Default.TrainingState) ?? throw new JsonException("it is empty");
        return state.Fault() is { } fault ? throw new JsonException(fault) : state;
    }

    /// <summary>Refuses values that don't fit the variables.</summary>
    internal static void Check(IReadOnlyList<NamedVariable> variables, IReadOnlyDictionary<string, Tensor> values, string file)
    {
        foreach ((string path, Variable variable) in variables)
        {
            if (!values.TryGetValue(path, out Tensor? value))
                throw new CheckpointException($"{file} has no '{path}', which the network has: it was saved from another network");
            if (value.Spec != variable.Spec)
                throw new CheckpointException($"{file} has {value.Spec} for '{path}', the network {variable.Spec}: it was saved from another network");
        }
        if (values.Count != variables.Count)
        {
            string extra = values.Keys.First(name => variables.All(v => v.Path != name));
            throw new CheckpointException($"{file} has '{extra}', which the network has not: it was saved from another network");
        }
    }

    /// <summary>Refuses trained values that are NaN or infinite: nothing can be learned from there.</summary>
    internal static void CheckFinite(IEnumerable<NamedVariable> variables, IReadOnlyDictionary<string, Tensor> values, string file)
    {
        foreach ((string path, _) in variables)
            if (values[path] is var value && value.DType.IsFloat && !double.IsFinite(value.Norm().Item()))
                throw new CheckpointException($"{file}: '{path}' holds NaN or an infinity: it was saved by a training that diverged");
    }

    /// <summary>Removes the checkpoint of a step.</summary>
    /// <exception cref="SaveException">It can't be removed.</exception>
    internal void Remove(long step) => SaveException.Explain(folder, () => Directory.Delete(PathOf(step), recursive: true));

    // Newest first.
    private IReadOnlyList<(long Step, string Path)> Steps() => !Directory.Exists(folder) ? [] :
        Directory.GetDirectories(folder)
            .Select(path => (Ok: long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out long step), Step: step, Path: path))
            .Where(x => x.Ok).OrderByDescending(x => x.Step).Select(x => (x.Step, x.Path)).ToArray();
}

/// <summary>Saved values that don't fit the network they are loaded into.</summary>
public sealed class CheckpointException(string message) : Exception(message);
