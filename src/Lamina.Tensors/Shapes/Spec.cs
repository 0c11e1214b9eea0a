using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Shapes;

/// <summary>Element type and shape of a tensor.</summary>
public readonly record struct Spec(DType DType, Shape Shape)
{
    /// <summary>The size of the values in bytes.</summary>
    public long Bytes => (long)Shape.Count * DType.Size;

    /// <summary><c>float32 (64, 784)</c></summary>
    public override string ToString() => $"{DType.Text} {Shape}";
}

/// <summary>The specs of an op's operands or results, in order; one spec converts by itself.</summary>
[CollectionBuilder(typeof(Specs), nameof(Create))]
public readonly struct Specs
{
    private readonly Spec[]? _items;

    private Specs(Spec[] items) => _items = items;

    /// <summary>The specs of a collection expression.</summary>
    public static Specs Create(ReadOnlySpan<Spec> items) => new(items.ToArray());

    /// <summary>Number of elements.</summary>
    public int Count => _items?.Length ?? 0;

    /// <summary>One of them.</summary>
    public Spec this[int index] => _items![index];

    /// <summary>Walks them.</summary>
    public IEnumerator<Spec> GetEnumerator() => ((IEnumerable<Spec>)(_items ?? [])).GetEnumerator();

    /// <summary>The specs in a new array.</summary>
    public Spec[] ToArray() => [.. _items ?? []];

    /// <summary>A single spec.</summary>
    public static implicit operator Specs(Spec spec) => new([spec]);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _items ?? []);
}
