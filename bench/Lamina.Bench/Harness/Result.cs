using Lamina.Bench.Workloads;

namespace Lamina.Bench.Harness;

/// <summary>A loss, or a sum over results, on both sides.</summary>
internal sealed record Compared(double Ours, double Peer);

/// <summary>What was measured of a workload. Times are in milliseconds, of one step.</summary>
internal sealed record Result(string Name, WorkloadKind Kind, int Threads)
{
    /// <summary>The median over blocks of a block's time for one step.</summary>
    public double Milliseconds { get; init; }

    /// <summary>The time of which 99 of 100 single steps are below.</summary>
    public double? Percentile99 { get; init; }

    public double? PeerMilliseconds { get; init; }

    public double? PeerPercentile99 { get; init; }

    /// <summary>The peer's time over ours: the median over pairs of neighbouring blocks.</summary>
    public double? Ratio { get; init; }

    /// <summary>The distance of the ratios' quartiles.</summary>
    public double? RatioSpread { get; init; }

    /// <summary>Arithmetic over the micro-kernel's rate on all threads; for memory-bound work, bytes over a plain copy's rate.</summary>
    public double? ShareOfPeak { get; init; }

    /// <summary>Floating-point operations a second, two for a multiply-add; null for memory-bound work.</summary>
    public double? Flops { get; init; }

    /// <summary>Bytes a second; null where arithmetic counts.</summary>
    public double? Bandwidth { get; init; }

    /// <summary>Managed memory that one step allocates, in bytes.</summary>
    public double? AllocatedBytes { get; init; }

    /// <summary>The most memory that a fresh process had which did nothing but ten steps.</summary>
    public double? PeakMib { get; init; }

    public double? PeerPeakMib { get; init; }

    /// <summary>The layout of images that is the quicker one for the peer; null where there are no images.</summary>
    public bool? PeerChannelsLast { get; init; }

    /// <summary>How far both sides' numbers lie apart, relative to the largest of them.</summary>
    public double? Difference { get; init; }

    /// <summary>How far they may.</summary>
    public double Tolerance { get; init; }

    /// <summary>The last of the numbers compared.</summary>
    public Compared? Compared { get; init; }

    /// <summary>Files that a published program consists of, in MiB.</summary>
    public double? PublishedMib { get; init; }

    public double? PeerPublishedMib { get; init; }

    /// <summary>What else there is to say, a line below the table.</summary>
    public string? Note { get; init; }

    /// <summary>Whether both sides were shown to compute the same, or there was nothing to compare.</summary>
    public bool IsSame => Difference is not { } difference || difference <= Tolerance;
}
