namespace Lamina.Bench.Workloads;

/// <summary>All rows, in the order in which they are run and shown.</summary>
internal static class Table
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        .. Gemm.All,
        MlpTiny.Training, Mlp.Training, LeNet5.Training, Cnn.Training, ResNet20.Training, Tcn.Training,
        .. Recurrent.Training, .. Gpt.Training,
        .. Maps.All,
        .. Mlp.Inference, .. Cnn.Inference, .. ResNet20.Inference, .. Recurrent.Inference, .. Gpt.Inference,
        .. Start.All,
    ];

    /// <summary>What <c>--only</c> takes: groups first, then rows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(w => w.Group).Concat(All.Select(w => w.Name)).Distinct()];

    /// <summary>The rows of a name: a group's, or the row itself.</summary>
    public static IEnumerable<Workload> Named(string name) =>
        All.Where(w => w.Group.Equals(name, StringComparison.OrdinalIgnoreCase) || w.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
