using Lamina.Bench.Reports;
using Lamina.Bench.Workloads;

namespace Lamina.Bench.Harness;

/// <summary>One size of a network at many values, everything else as it was.</summary>
/// <param name="Title">What is swept, of what.</param>
/// <param name="Points">The values and their workloads.</param>
internal sealed record SweptSize(string Title, IReadOnlyList<(int Value, Workload Workload)> Points);

/// <summary>
/// Batch, width, depth and sequence length at many values each: time should grow no faster than work, so the rate should never fall
/// off a cliff.
/// </summary>
internal static class Sweep
{
    public static IReadOnlyList<SweptSize> Sizes { get; } =
    [
        Of("batch (mlp 784-512-256-10)", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], batch => Mlp.Of($"mlp, batch {batch}", batch, 512, 256)),
        Of("width (mlp 784-w-w-10, batch 128)", [16, 32, 64, 128, 256, 512, 1024, 2048], width => Mlp.Of($"mlp, width {width}", 128, width, width)),
        Of("depth (mlp of 256 wide layers, batch 128)", [1, 2, 4, 8, 16, 32], depth => Mlp.Of($"mlp, depth {depth}", 128, [.. Enumerable.Repeat(256, depth)])),
        Of("sequence length (gpt, 8 sequences)", [16, 32, 64, 128, 256, 512], steps => Gpt.Of(8, steps)),
    ];

    /// <summary>Measures every point, prints its row, and draws the image.</summary>
    public static void Run(Runner runner, string image, string? peer, TextWriter output, TextWriter error)
    {
        SweepPlot.TakeFont();
        var lines = new List<(SweptSize Size, IReadOnlyList<Result> Results)>();
        foreach (SweptSize size in Sizes)
        {
            using var progress = new Progress(error, size.Title);
            var results = new List<Result>();
            foreach ((_, Workload workload) in size.Points)
            {
                results.Add(runner.Run(workload));
                output.WriteLine(ResultTable.Of(results[^1]));
                output.Flush();
            }
            lines.Add((size, results));
        }
        SweepPlot.Save(image, lines, peer);
    }

    private static SweptSize Of(string title, int[] values, Func<int, Workload> workload) => new(title, [.. values.Select(value => (value, workload(value)))]);
}
