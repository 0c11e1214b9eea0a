using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

/// <summary>The weights of the best epoch so far, in memory and beside the checkpoints.</summary>
internal sealed class BestWeights(Module model, TrainerOptions options, bool higherIsBetter)
{
    private Dictionary<string, Tensor>? _values;

    private string? File => options.Folder is { } folder ? Path.Combine(folder, "best", "model.safetensors") : null;

    /// <summary>Keeps the model's weights if the score beats the best one; one that is no number never does.</summary>
    public bool Offer(double score, double? best)
    {
        bool better = double.IsFinite(score) && (best is not { } b || (higherIsBetter ? score > b : score < b));
        if (!better) return false;
        _values = CheckpointStore.Values(model.Variables).ToDictionary(v => v.Key, v => v.Value.Keep());
        if (File is { } file)
        {
            SaveException.Explain(file, () => Directory.CreateDirectory(Path.GetDirectoryName(file)!));
            SafeTensors.Write(file, _values);
        }
        return true;
    }

    /// <summary>
    /// Finds the best weights of a run that goes on. They are saved before the checkpoint that names them, so they may be
    /// those of an epoch after it: then that epoch is done again and offers them again.
    /// </summary>
    /// <returns>Null, or why the file can't be used.</returns>
    public string? Load(TrainingState state)
    {
        if (state.BestEpoch == 0 || File is not { } file) return null;
        try
        {
            IReadOnlyDictionary<string, Tensor> read = SafeTensors.Read(file).Tensors;
            CheckpointStore.Check(model.Variables, read, file);
            CheckpointStore.CheckFinite(model.Variables.Where(v => v.Variable.IsTrainable), read, file);
            _values = read.ToDictionary();
            return null;
        }
        catch (Exception e) when (e is FileFormatException or CheckpointException)
        {
            return e.Message;
        }
    }

    /// <summary>Gives the model the best weights.</summary>
    public void Restore()
    {
        if (_values is not null) CheckpointStore.Fill(model.Variables, _values, File ?? "the best weights");
    }
}
