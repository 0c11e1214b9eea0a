using System.Text.Json;
using Lamina.Formats;

namespace Lamina.Learning.Checkpoints;

/// <summary>
/// Beside the checkpoints of a run that diverged: where it did, and under which conditions, so that going on under the same ones
/// is known to be in vain.
/// </summary>
/// <param name="Step">The step at which it was noticed, from 1.</param>
/// <param name="Problem">What was not finite.</param>
/// <param name="Origin">The layer and op where that began, or null.</param>
/// <param name="Conditions">A hash of the learning rate, the clipping, the optimiser, the network and the batch of that step.</param>
internal sealed record DivergenceMark(long Step, string Problem, string? Origin, string Conditions)
{
    private const string Name = "diverged.json";

    public static string PathIn(string folder) => Path.Combine(folder, Name);

    /// <summary>The mark in a folder of checkpoints; null where there is none, or none that can be read: then the run may try.</summary>
    public static DivergenceMark? Read(string folder)
    {
        try
        {
            return File.Exists(PathIn(folder)) ? JsonSerializer.Deserialize(File.ReadAllBytes(PathIn(folder)), StateJson.Default.DivergenceMark) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="SaveException">It can't be written.</exception>
    public void Write(string folder) => AtomicFile.Write(PathIn(folder), stream => JsonSerializer.Serialize(stream, this, StateJson.Default.DivergenceMark));

    /// <exception cref="SaveException">It can't be deleted.</exception>
    public static void Remove(string folder) => SaveException.Explain(PathIn(folder), () => File.Delete(PathIn(folder)));
}
