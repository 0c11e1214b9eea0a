namespace Lamina.Learning.Saving;

/// <summary>How weights of a file are matched with a network's.</summary>
public sealed record LoadOptions
{
    /// <summary>Only tensors whose names begin with this are looked at, without it: <c>"backbone."</c> takes <c>backbone.0.weight</c> as
    /// <c>0.weight</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The network's path for a name in the file, after the prefix; null leaves the tensor out. By default they are the same.</summary>
    public Func<string, string?>? Rename { get; init; }

    /// <summary>Whether parameters that the file doesn't have keep their values; otherwise it is refused.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>Whether tensors that the network doesn't have are left out; otherwise the file is refused.</summary>
    public bool AllowUnexpected { get; init; }

    /// <summary>Whether parameters of which the file has another shape or type keep their values, such as a head with other classes; otherwise it is
    /// refused.</summary>
    public bool AllowOtherShapes { get; init; }
}

/// <summary>What became of a file's weights.</summary>
/// <param name="Loaded">Paths of parameters that got their values from the file.</param>
/// <param name="Missing">Paths of parameters that the file doesn't have.</param>
/// <param name="Unexpected">Names in the file, without the prefix, that the network doesn't have.</param>
/// <param name="OtherShapes">Paths of parameters of which the file has another shape or type, with both.</param>
public sealed record LoadReport(IReadOnlyList<string> Loaded, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected,
    IReadOnlyList<OtherShape> OtherShapes)
{
    /// <summary>Whether every parameter was loaded, and every tensor used.</summary>
    public bool IsWhole => Missing.Count + Unexpected.Count + OtherShapes.Count == 0;

    /// <summary>How many of each there are, and the first of them.</summary>
    public override string ToString() => string.Join("; ", new[]
    {
        $"{Loaded.Count} loaded", Part(Missing, "missing"), Part(Unexpected, "unexpected"),
            Part([.. OtherShapes.Select(o => o.ToString())], "of another shape"),
    }.Where(p => p.Length > 0));

    private static string Part(IReadOnlyList<string> names, string what) =>
        names.Count == 0 ? "" : $"{names.Count} {what}: {string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", …" : "")}";
}

/// <summary>A parameter of which a file has another shape or type.</summary>
/// <param name="Path">Its path.</param>
/// <param name="File">Type and shape in the file.</param>
/// <param name="Network">Type and shape in the network.</param>
public sealed record OtherShape(string Path, string File, string Network)
{
    /// <summary>The path and both shapes.</summary>
    public override string ToString() => $"{Path} ({File} in the file, {Network} in the network)";
}
