using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Saving;

using Tensors = Lamina.Tensors.Tensors;

public enum Mode
{
    Plus,
    Times,
}

public sealed record InnerOptions(double Factor, Mode? Mode = null)
{
    public IReadOnlyList<string> Names { get; init; } = ["none"];
}

public sealed record OwnOptions
{
    public required int Width { get; init; }

    public InnerOptions Inner { get; init; } = new(1);

    public Dictionary<string, int[]> Table { get; set; } = [];
}

/// <summary>Options of many kinds, kept in members that are named like the parameters.</summary>
public sealed partial class Everything(
    OwnOptions options, Mode mode, int? maybe, long[] sizes, List<InnerOptions> pairs, Extent extent, Padding padding, Shape shape, float gain, string? text, Layer? inner, IReadOnlyList<Layer> more,
    bool bias = true, char letter = 'x', DateOnly day = default) : Layer
{
    public OwnOptions Options { get; } = options;
    private readonly long[] _sizes = sizes;
    public Layer? Inner { get; } = inner;
    public IReadOnlyList<Layer> More { get; } = more;
    public Parameter? Bias { get; } = bias ? new Parameter(Constant.Zero, [1]) : null;
    public double Beta { get; set; } = 1;

    public string Told => $"{Options.Width} {Options.Inner.Factor} {Options.Inner.Mode} {string.Join("|", Options.Inner.Names)} {string.Join("|", Options.Table.Select(t => $"{t.Key}:{string.Join(",", t.Value)}"))} "
        + $"{mode} {maybe} {string.Join(",", _sizes)} {string.Join(",", pairs.Select(p => $"{p.Factor} {p.Mode}"))} {extent} {padding} {shape} {gain} {text} {Inner} {string.Join(",", More)} {Bias is not null} {letter} {day:yyyy-MM-dd} {Beta}";

    protected override Tensor Compute(Tensor x, Pass pass)
    {
        foreach (Layer layer in More) x = layer.Forward(x, pass);
        return (Inner?.Forward(x, pass) ?? x) * (float)(Beta * gain);
    }
}

public sealed partial class Scale(double factor) : Layer
{
    private readonly double _factor = factor < 100 ? factor : throw new ArgumentOutOfRangeException(nameof(factor), factor, "the factor is less than 100");

    protected override Tensor Compute(Tensor x, Pass pass) => x * (float)_factor;
}

[SavedAs("tests.old-name")]
public sealed partial class Renamed(double factor) : Layer
{
    protected override Tensor Compute(Tensor x, Pass pass) => x * (float)factor;
}

public sealed partial class TwoInputs(int width) : Network
{
    public int Width { get; } = width;

    public Linear First { get; } = new(width);

    public Linear Second { get; } = new(width);

    public override IReadOnlyList<string> InputNames => ["left", "right"];

    public override IReadOnlyList<string> OutputNames => ["sum", "difference"];

    protected override Tensors Compute(Tensors inputs, Pass pass)
    {
        Tensor a = First.Forward(inputs[0], pass), b = Second.Forward(inputs[1], pass);
        return [a + b, a - b];
    }
}

public sealed class NotDescribed : Layer
{
    protected override Tensor Compute(Tensor x, Pass pass) => x;
}

public sealed partial class Function(Func<Tensor, Tensor> function) : Layer
{
    protected override Tensor Compute(Tensor x, Pass pass) => function(x);
}

/// <summary>Its options don't say what it is made of.</summary>
public sealed partial class Growing(int count) : Layer
{
    public int Count { get; } = count;

    public List<Layer> Layers { get; } = [.. Enumerable.Range(0, count).Select(_ => new Linear(2))];

    protected override Tensor Compute(Tensor x, Pass pass)
    {
        foreach (Layer layer in Layers) x = layer.Forward(x, pass);
        return x;
    }
}

public sealed partial record Halve(int Times) : Preprocessing
{
    public override Tensor Apply(Tensor x)
    {
        for (int i = 0; i < Times; i++) x = x * 0.5f;
        return x;
    }
}
