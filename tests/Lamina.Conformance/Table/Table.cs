using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

/// <summary>
/// The op table: a row an op. What a row says is checked against the definition, central differences, libtorch's values, a
/// plan, strides, types, tiers and thread counts; the checks are in the folder beside this one.
/// </summary>
internal static partial class Table
{
    public static IReadOnlyList<Row> Rows { get; } = [.. Maps(), .. BinaryMaps(), .. Reductions(), .. Products(), .. Shapings(), .. Indexing(), .. Pooling(), .. Normalizing(), .. Attending(), .. Recurrents(), .. Randoms(), .. Updates()];

    private static readonly Dictionary<string, Row> s_byName = Rows.ToDictionary(r => r.Name);

    public static Row Find(string name) => s_byName[name];

    private static Operand In(Shape shape, Draw? draw = null) => new(shape, draw ?? Draws.Signed);

    private static Operand Index(Shape shape, int end, DType type = DType.Int64) => new(shape, Draws.Below(end), type);

    /// <summary>A row made of an extension method that is composed of ops.</summary>
    private static Row Composed(string name, Func<Tensors, Tensors> call, Bound bound, Operand[][] cases, Operand[][] edges, Operand[] large) => new(name)
    {
        Cases = [.. cases.Select(c => new Case(new Composition(name, call), c))],
        Edges = [.. edges.Select(c => new Case(new Composition(name, call), c))],
        Large = [new(new Composition(name, call), large)],
        Bound = bound,
    };

    /// <summary>Values recorded in the file of the row's own name.</summary>
    private static Recording[] Libtorch(string file, Func<Attributes, Tensors, Tensors> call, params string[] refused) => [new(file, call) { Refused = refused }];
}
