using System.Text.Json;
using Lamina.Learning.Saving;
using Lamina.Models;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Runs;

namespace Lamina.Tasks.Tables;

/// <summary>What sets a task on tables apart from others that read, encode and split their rows alike.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="BuiltIn">What its rows are called where no file is given.</param>
/// <param name="Rows">Gives those rows.</param>
internal sealed record TableVariant(string Task, string BuiltIn, Func<RowSource> Rows)
{
    /// <summary>Refuses a target that the task can't learn, before the rows are read; null: all are taken.</summary>
    public Action<TableSurvey, TargetChoice>? CheckTarget { get; init; }

    /// <summary>Whether a class is meant to be rare, so that a note about it would be noise.</summary>
    public bool IsRare { get; init; }

    /// <summary>The options of the network in a run of the task.</summary>
    public Func<JsonElement, TabularNetOptions> NetworkOf { get; init; } = network => Model.Create<TabularNet>(network, RunFolder.InfoFile).Options;
}
