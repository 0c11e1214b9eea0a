using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>What changes the whole engine runs alone.</summary>
[CollectionDefinition(nameof(Engine), DisableParallelization = true)]
public class Engine;

/// <summary>Every instruction set within the same bound; 1, 2 and 7 threads to the same bits.</summary>
[Collection(nameof(Engine))]
public sealed class EngineTests : IDisposable
{
    private static readonly int s_threads = CpuPool.Shared.Threads;

    public static IEnumerable<TheoryDataRow<string, Tier>> Tiers =>
        from row in Table.Rows
        from tier in Enum.GetValues<Tier>()
        select new TheoryDataRow<string, Tier>(row.Name, tier)
        {
            TestDisplayName = $"{row.Name}: {tier}", Label = "",
            Skip = tier > Lamina.Tensors.Engines.Cpu.Tiers.Widest ? $"this machine has no {tier}" : null,
        };

    public static IEnumerable<TheoryDataRow<string>> Rows => RowTheory.Of("1 = 2 = 7 threads");

    public void Dispose()
    {
        Lamina.Tensors.Engines.Cpu.Tiers.Force(null);
        CpuPool.SetThreads(s_threads);
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Tier_agrees_with_the_definition(string row, Tier tier)
    {
        Lamina.Tensors.Engines.Cpu.Tiers.Force(tier);
        Assert.Equal(tier, Lamina.Tensors.Engines.Cpu.Tiers.Current);
        Row r = Table.Find(row);
        foreach (Case c in r.Small(r.Types[0]).Concat(r.Large)) KernelTests.AgreesWithDefinition(r, c, r.Types[0]);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Threads_make_no_difference(string row)
    {
        Row r = Table.Find(row);
        foreach (Case c in r.Large)
        {
            Tensors[] results = [.. new[] { 1, 2, 7 }.Select(threads => Run(r, c, threads))];
            Compare.SameBits(results[1], results[0], $"{c} on 2 threads and on 1");
            Compare.SameBits(results[2], results[0], $"{c} on 7 threads and on 1");
        }
    }

    /// <summary>The results, and the gradients where there are any.</summary>
    private static Tensors Run(Row row, Case c, int threads)
    {
        CpuPool.SetThreads(threads, beyondCores: true);
        Tensors x = Weighted.Track(c, c.Sample(row.Types[0])), results = c.Op.ApplyAll(x);
        if (!results.Items.Any(y => y.IsTracked)) return results;
        return new([.. results, .. Weighted.Gradients(c.Op, x, Weighted.Weights(results))]);
    }
}
