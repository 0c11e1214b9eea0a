namespace Lamina.Tensors.Tests.Engines.Cpu;

using Xunit;

/// <summary>Tests that force a tier, which holds for the whole process: nothing else runs beside them, since long sums are cut differently in each.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TierCollection
{
    public const string Name = "tiers";
}
