namespace Lamina.Bench.Workloads;

/// <summary>
/// A fresh process to its first finished training step of mlp: <c>examples/Native</c>, as it runs on an installed .NET, and as
/// one program of machine code.
/// </summary>
internal static class Start
{
    public const string Installed = "start", Native = "start, NativeAOT";

    public static IReadOnlyList<Workload> All { get; } = [Of(Installed), Of(Native)];

    private static Workload Of(string name) =>
        new(name, WorkloadKind.Start, _ => throw new NotSupportedException("a start is measured from outside")) { Group = "start" };
}
