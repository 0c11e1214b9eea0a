using System.Text.Json;
using Lamina.Bench.Harness;

namespace Lamina.Bench.Reports;

/// <summary>Results for programs.</summary>
internal static class ResultJson
{
    public static void Write(string path, IReadOnlyList<Result> results, string mode, string? peer)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("mode", mode);
        if (peer is not null) json.WriteString("peer", peer);
        json.WriteStartArray("workloads");
        foreach (Result result in results) Write(json, result);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Result r)
    {
        json.WriteStartObject();
        json.WriteString("name", r.Name);
        json.WriteString("kind", r.Kind.ToString().ToLowerInvariant());
        json.WriteNumber("threads", r.Threads);
        Number("ms", r.Milliseconds);
        Number("peer_ms", r.PeerMilliseconds);
        Number("ratio", r.Ratio);
        Number("ratio_spread", r.RatioSpread);
        Number("share_of_peak", r.ShareOfPeak);
        Number("allocated_bytes", r.AllocatedBytes);
        Number("peak_mib", r.PeakMib);
        Number("peer_peak_mib", r.PeerPeakMib);
        if (r.Percentile99 is not null) Number("p99_ms", r.Percentile99);
        if (r.PeerPercentile99 is not null) Number("peer_p99_ms", r.PeerPercentile99);
        if (r.Flops is not null) Number("gflops", r.Flops / 1e9);
        if (r.Bandwidth is not null) Number("gigabytes_per_second", r.Bandwidth / 1e9);
        if (r.PublishedMib is not null) Number("published_mib", r.PublishedMib);
        if (r.PeerPublishedMib is not null) Number("peer_published_mib", r.PeerPublishedMib);
        if (r.Note is not null) json.WriteString("note", r.Note);
        if (r.Compared is { } compared)
        {
            Number("loss", compared.Ours);
            Number("peer_loss", compared.Peer);
            Number("difference", r.Difference);
            json.WriteBoolean("same", r.IsSame);
        }
        json.WriteEndObject();

        void Number(string name, double? value)
        {
            if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, Math.Round(number, 6));
            else json.WriteNull(name);
        }
    }
}
