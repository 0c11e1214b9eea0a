using System.Globalization;
using Lamina.Bench.Harness;

namespace Lamina.Bench.Reports;

/// <summary>Results as rows of a Markdown table that also reads well as it is; a row is printed as soon as it is measured.</summary>
internal static class ResultTable
{
    private static readonly (string Name, int Width)[] s_columns =
    [
        ("workload", -24), ("ms", 15), ("libtorch ms", 15), ("ratio", 6), ("± quartiles", 11), ("rate", 12), ("of peak", 7),
        ("B/step", 9), ("MiB", 6), ("libtorch MiB", 12), ("same", 8),
    ];

    public static string Header => Row([.. s_columns.Select(c => c.Name)]) + "\n|" + string.Concat(s_columns.Select(c => new string('-', Math.Abs(c.Width) + 1) + (c.Width > 0 ? ":" : "-") + "|"));

    public static string Of(Result r) => Row(
    [
        r.Name,
        Time(r.Milliseconds, r.Percentile99),
        Time(r.PeerMilliseconds, r.PeerPercentile99),
        Number(r.Ratio, "0.00"),
        Number(r.RatioSpread / 2, "0.00"),
        r.Flops is { } flops ? $"{Number(flops / 1e9, "0.0")} GF/s" : r.Bandwidth is { } bytes ? $"{Number(bytes / 1e9, "0.0")} GB/s" : "",
        r.ShareOfPeak is { } share ? Number(100 * share, "0") + " %" : "",
        Number(r.AllocatedBytes, "#,0"),
        Number(r.PeakMib ?? r.PublishedMib, "0.0"),
        Number(r.PeerPeakMib ?? r.PeerPublishedMib, "0.0"),
        r.Difference is not { } difference ? "" : r.IsSame ? Number(difference, "0e-0") : $"NO {Number(difference, "0e-0")}",
    ]);

    private static string Time(double? milliseconds, double? percentile) =>
        milliseconds is not { } ms ? "" : Digits(ms) + (percentile is { } p ? $" … {Digits(p)}" : "");

    private static string Digits(double ms) => Number(ms, ms < 0.01 ? "0.00000" : ms < 1 ? "0.0000" : ms < 100 ? "0.00" : "0");

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string Row(string[] cells) =>
        "|" + string.Concat(cells.Zip(s_columns, (cell, column) => $" {(column.Width < 0 ? cell.PadRight(-column.Width) : cell.PadLeft(column.Width))} |"));
}
