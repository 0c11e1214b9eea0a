using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

/// <summary>An operand: its shape, where its values come from, and its type where that isn't the one that is being checked.</summary>
internal sealed record Operand(Shape Shape, Draw Draw, DType? Type = null)
{
    /// <summary>Whether it is taken as given: the op has no gradient by it, though it is a float.</summary>
    public bool IsGiven { get; init; }

    /// <summary>Whether central differences can be taken by it.</summary>
    public bool IsContinuous => !IsGiven && (Type is null || Type.Value.IsFloat);

    public Tensor Sample(Random random, DType type) => Tensor.FromDoubles(Draw(random, Shape.Count), new Spec(Type ?? type, Shape));
}

/// <summary>One call of an op.</summary>
internal sealed record Case(Op Op, params Operand[] Operands)
{
    /// <summary>Whether the operands keep away from kinks and poles, so that central differences mean something.</summary>
    public bool IsSmooth { get; init; } = true;

    /// <summary>The types that it is called with; all of the row's where it is null.</summary>
    public DType[]? Types { get; init; }

    /// <summary>Makes the operands of those that were drawn, where one depends on another.</summary>
    public Func<Tensors, Tensors>? Prepare { get; init; }

    /// <summary>The operands' values; the same ones for each type, as far as the type holds them.</summary>
    public Tensors Sample(DType type)
    {
        var random = new Random(Seed(Op.Name));
        var x = new Tensors([.. Operands.Select(o => o.Sample(random, type))]);
        return Prepare is null ? x : Prepare(x);
    }

    public override string ToString() => $"{Op} of {string.Join(", ", Operands.Select(o => o.Shape))}";

    // String.GetHashCode differs from run to run.
    private static int Seed(string name) => name.Aggregate(17, (hash, c) => unchecked(hash * 31 + c));
}

/// <summary>How often an op can be differentiated.</summary>
internal enum Smoothness
{
    /// <summary>Not at all: comparisons, indices.</summary>
    None,
    /// <summary>As often as wanted.</summary>
    Twice,
}

/// <summary>Values recorded from libtorch: the file in Recorded/ops, and how a case of it is called.</summary>
internal sealed record Recording(string File, Func<Attributes, Tensors, Tensors> Call)
{
    /// <summary>Cases that Lamina refuses, with a typed error, by name: whole numbers in a sum, for example.</summary>
    public string[] Refused { get; init; } = [];

    /// <summary>Cases where Lamina says something else on purpose, by name, and why.</summary>
    public Dictionary<string, string> Differs { get; init; } = [];
}

/// <summary>What the table knows of an op; every check follows from it.</summary>
internal sealed record Row(string Name)
{
    public static readonly DType[] Floats = [DType.Float32, DType.Float64];
    public static readonly DType[] Numbers = [DType.Float32, DType.Float64, DType.Int32, DType.Int64, DType.UInt8];
    public static readonly DType[] Computed = [.. Numbers, DType.Bool];
    public static readonly DType[] All = Enum.GetValues<DType>();

    /// <summary>Calls with each variant of the attributes, small.</summary>
    public required Case[] Cases { get; init; }

    /// <summary>Empty, rank-0 and size-1 operands.</summary>
    public required Case[] Edges { get; init; }

    /// <summary>Calls that are large enough to be spread over threads.</summary>
    public required Case[] Large { get; init; }

    /// <summary>Calls that must be refused for their shapes, or attributes.</summary>
    public Case[] Refused { get; init; } = [];

    /// <summary>The types that operands without a type of their own may have.</summary>
    public DType[] Types { get; init; } = Floats;

    /// <summary>How far a float result may lie from the definition.</summary>
    public Bound Bound { get; init; } = Bound.Exact;

    public Smoothness Smoothness { get; init; } = Smoothness.Twice;

    public Recording[] Recorded { get; init; } = [];

    /// <summary>The small calls that are made with a type.</summary>
    public IEnumerable<Case> Small(DType type) => Of(Cases.Concat(Edges), type);

    /// <summary>Those of some calls that are made with a type.</summary>
    public static IEnumerable<Case> Of(IEnumerable<Case> cases, DType type) => cases.Where(c => c.Types is null || c.Types.Contains(type));

    public override string ToString() => Name;
}
