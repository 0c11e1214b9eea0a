using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>The operands or results of an op, in order. One tensor converts by itself; several are written <c>[a, b]</c>.</summary>
[CollectionBuilder(typeof(Tensors), nameof(Create))]
public readonly struct Tensors
{
    private readonly Tensor[]? _items;

    internal Tensors(Tensor[] items) => _items = items;

    /// <summary>The tensors of a collection expression.</summary>
    public static Tensors Create(ReadOnlySpan<Tensor> items) => new(items.ToArray());

    /// <summary>Number of elements.</summary>
    public int Count => _items?.Length ?? 0;

    /// <summary>One of them.</summary>
    public Tensor this[int index] => _items![index];

    /// <summary>Their types and shapes.</summary>
    public Specs Specs
    {
        get
        {
            var specs = new Spec[Count];
            for (int i = 0; i < specs.Length; i++) specs[i] = this[i].Spec;
            return Specs.Create(specs);
        }
    }

    /// <summary>The tensors as a span.</summary>
    public ReadOnlySpan<Tensor> Span => _items;

    internal Tensor[] Items => _items ?? [];

    /// <summary>Walks them.</summary>
    public IEnumerator<Tensor> GetEnumerator() => ((IEnumerable<Tensor>)Items).GetEnumerator();

    /// <summary>A single tensor.</summary>
    public static implicit operator Tensors(Tensor tensor) => new([tensor]);
}

/// <summary>
/// The gradients of an op's operands, in order; null where an operand has none (an index, or one nobody asked for).
/// One gradient converts by itself; several are written <c>[a, b]</c>.
/// </summary>
[CollectionBuilder(typeof(Grads), nameof(Create))]
public readonly struct Grads
{
    private readonly Tensor?[]? _items;

    private Grads(Tensor?[] items) => _items = items;

    /// <summary>The gradients of a collection expression.</summary>
    public static Grads Create(ReadOnlySpan<Tensor?> items) => new(items.ToArray());

    /// <summary>Number of elements.</summary>
    public int Count => _items?.Length ?? 0;

    /// <summary>The gradient of one operand.</summary>
    public Tensor? this[int index] => _items![index];

    /// <summary>Walks them.</summary>
    public IEnumerator<Tensor?> GetEnumerator() => ((IEnumerable<Tensor?>)(_items ?? [])).GetEnumerator();

    /// <summary>The gradient of a single operand.</summary>
    public static implicit operator Grads(Tensor? tensor) => new([tensor]);
}
