using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

/// <summary>Allocates an optimiser's state so that each phase of an objective counts its steps apart, which are updated in turn.</summary>
internal static class OptimizerState
{
    /// <param name="objective">What is trained.</param>
    /// <param name="optimizer">What its parameters are changed by.</param>
    /// <param name="parts">Parts of the parameters that count apart too; null: there are none.</param>
    /// <exception cref="ArgumentException">Two phases train the same parameter.</exception>
    public static void Prepare(Objective objective, Optimizer optimizer, IReadOnlyList<IEnumerable<Variable>>? parts = null)
    {
        if (parts is null && objective.Phases.Count == 0) return;
        parts ??= [objective.Model.Parameters];
        if (objective.Phases.Count > 0)
        {
            HashSet<Variable>[] phases = [.. objective.Phases.Select(p =>
                p.Module.Variables.Select(v => v.Variable).Where(v => v is Parameter).ToHashSet())];
            for (int i = 1; i < phases.Length; i++)
                for (int j = 0; j < i; j++)
                    if (phases[i].Overlaps(phases[j]))
                        throw new ArgumentException($"{objective}: a parameter is trained by the {objective.Phases[j].Name} "
                            + $"and the {objective.Phases[i].Name}, each of which has its own");
            parts = [.. parts.SelectMany(part => phases.Select(phase => part.Where(phase.Contains)))];
        }
        optimizer.PrepareApart(objective.Model, parts);
    }
}
