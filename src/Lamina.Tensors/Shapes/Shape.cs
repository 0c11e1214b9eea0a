using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Shapes;

/// <summary>
/// The sizes of a tensor's axes, from the outermost to the innermost: rank 0 (a scalar) to 8.
/// Written <c>[64, 784]</c> or <c>(64, 784)</c>.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The highest rank a tensor can have.</summary>
    public const int MaxRank = 8;

    private readonly Sizes _sizes;
    private readonly byte _rank;

    /// <summary>A shape from its sizes, outermost first.</summary>
    /// <exception cref="TensorException">More than 8 axes, a negative size, or more than 2³¹ − 1 elements.</exception>
    public Shape(params ReadOnlySpan<int> sizes)
    {
        if (sizes.Length > MaxRank) throw new TensorException($"a shape of {sizes.Length} axes: tensors have at most {MaxRank}");
        _rank = (byte)sizes.Length;
        long count = 1;
        bool empty = false;
        for (int i = 0; i < sizes.Length; i++)
        {
            int size = sizes[i];
            if (size < 0) throw new TensorException($"shape ({string.Join(", ", sizes.ToArray())}): axis {i} has the negative size {size}");
            empty |= size == 0;
            _sizes[i] = size;
            // The other sizes of an empty tensor still have to be addressable, so zero does not end the check.
            count = Math.Min(count * Math.Max(size, 1), long.MaxValue / int.MaxValue);
            if (count > int.MaxValue) throw new TensorException($"shape ({string.Join(", ", sizes.ToArray())}) has more than {int.MaxValue} elements");
        }
        Count = empty ? 0 : (int)count;
    }

    /// <summary>The shape of a collection expression.</summary>
    public static Shape Create(ReadOnlySpan<int> sizes) => new(sizes);

    /// <summary>The scalar shape: no axes, one element.</summary>
    public static Shape Scalar => new([]);

    /// <summary>The number of axes.</summary>
    public int Rank => _rank;

    // default(Shape) is the scalar, whose count is one though the field says zero.
    /// <summary>The number of elements.</summary>
    public int Count { get => _rank == 0 ? 1 : field; }

    /// <summary>The sizes as a span.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int> Span => ((ReadOnlySpan<int>)_sizes)[.._rank];

    /// <summary>The size of an axis; negative axes count from the end.</summary>
    /// <exception cref="TensorException">There is no such axis.</exception>
    public int this[int axis] => _sizes[Axis(axis)];

    /// <summary>The size of an axis, <c>^1</c> being the innermost.</summary>
    public int this[Index axis] => _sizes[Axis(axis.GetOffset(_rank))];

    /// <summary>Turns an axis that may count from the end (−1 is the innermost) into one from 0.</summary>
    /// <exception cref="TensorException">There is no such axis.</exception>
    public int Axis(int axis)
    {
        if (axis < -_rank || axis >= _rank) NoSuchAxis(axis);
        return axis < 0 ? axis + _rank : axis;
    }

    /// <summary>Turns an axis that may count from the end into one from 0, for an op that the error names.</summary>
    internal int Axis(int axis, string op)
    {
        if (axis < -_rank || axis >= _rank) NoSuchAxis(axis, op);
        return axis < 0 ? axis + _rank : axis;
    }

    // Apart, so that what asks for an axis stays small enough to be inlined.
    [DoesNotReturn]
    private void NoSuchAxis(int axis, string? op = null) => throw new TensorException(
        $"{(op is null ? "" : $"{op}: ")}axis {axis} of shape {this}: there {(_rank == 1 ? "is 1 axis" : $"are {_rank} axes")}",
        _rank > 0 ? $"an axis from 0 to {_rank - 1}, or from -1 (the last) to {-_rank}" : null);

    /// <summary>The same shape with one axis of another size.</summary>
    public Shape With(int axis, int size)
    {
        Span<int> sizes = stackalloc int[MaxRank];
        Span.CopyTo(sizes);
        sizes[Axis(axis)] = size;
        return new(sizes[.._rank]);
    }

    /// <summary>The shape without one axis.</summary>
    public Shape Without(int axis)
    {
        axis = Axis(axis);
        Span<int> sizes = stackalloc int[MaxRank];
        Span[..axis].CopyTo(sizes);
        Span[(axis + 1)..].CopyTo(sizes[axis..]);
        return new(sizes[..(_rank - 1)]);
    }

    /// <summary>The shape with an axis of the given size put in before <paramref name="axis"/>, which may be the rank itself.</summary>
    public Shape Insert(int axis, int size)
    {
        if (axis < 0) axis += _rank + 1;
        if (axis < 0 || axis > _rank) throw new TensorException($"no axis can be put in at {axis} of shape {this}");
        if (_rank == MaxRank) throw new TensorException($"shape {this} has {MaxRank} axes already");
        Span<int> sizes = stackalloc int[MaxRank];
        Span[..axis].CopyTo(sizes);
        sizes[axis] = size;
        Span[axis..].CopyTo(sizes[(axis + 1)..]);
        return new(sizes[..(_rank + 1)]);
    }

    /// <summary>NumPy's broadcasting rule: aligned at the innermost axis, sizes are equal or one of them is 1.</summary>
    /// <returns>False where the shapes do not broadcast.</returns>
    public static bool TryBroadcast(Shape a, Shape b, out Shape result)
    {
        int rank = Math.Max(a._rank, b._rank);
        Span<int> sizes = stackalloc int[rank];
        result = default;
        for (int i = 1; i <= rank; i++)
        {
            int x = i <= a._rank ? a._sizes[a._rank - i] : 1, y = i <= b._rank ? b._sizes[b._rank - i] : 1;
            if (x != y && x != 1 && y != 1) return false;
            sizes[rank - i] = x == 1 ? y : x;
        }
        result = new(sizes);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => _rank == other._rank && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = _rank;
        foreach (int size in Span) hash = HashCode.Combine(hash, size);
        return hash;
    }

    /// <summary><c>(64, 784)</c>; a scalar is <c>()</c>.</summary>
    public override string ToString() => $"({string.Join(", ", Span.ToArray())})";

    /// <summary>Walks the sizes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int>.Enumerator GetEnumerator() => Span.GetEnumerator();

    /// <summary>Equal rank and sizes.</summary>
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);

    /// <summary>Another rank or size.</summary>
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <summary>A shape from an array of sizes.</summary>
    public static implicit operator Shape(int[] sizes) => new(sizes);

    /// <summary>A matrix's shape.</summary>
    public static implicit operator Shape((int, int) s) => new(s.Item1, s.Item2);

    /// <summary>A shape of rank 3.</summary>
    public static implicit operator Shape((int, int, int) s) => new(s.Item1, s.Item2, s.Item3);

    /// <summary>A shape of rank 4: images as (batch, height, width, channels).</summary>
    public static implicit operator Shape((int, int, int, int) s) => new(s.Item1, s.Item2, s.Item3, s.Item4);

    [InlineArray(MaxRank)]
    private struct Sizes
    {
        private int _first;
    }
}
