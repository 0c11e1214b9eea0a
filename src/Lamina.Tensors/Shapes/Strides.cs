using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lamina.Tensors.Shapes;

/// <summary>Strides, in elements, along each axis: 0 on a broadcast axis, negative on a reversed one.</summary>
public readonly struct Strides : IEquatable<Strides>
{
    private readonly Steps _steps;
    private readonly byte _rank;

    /// <summary>Strides from their values, outermost first.</summary>
    public Strides(params ReadOnlySpan<int> steps)
    {
        _rank = (byte)steps.Length;
        steps.CopyTo(_steps);
    }

    /// <summary>The strides of a compact (row-major) tensor.</summary>
    public static Strides Compact(Shape shape)
    {
        Span<int> steps = stackalloc int[shape.Rank];
        int step = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            steps[i] = step;
            step *= Math.Max(shape[i], 1);
        }
        return new(steps);
    }

    /// <summary>The stride of an axis counted from 0.</summary>
    public int this[int axis] => _steps[axis];

    /// <summary>The strides as a span.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int> Span => ((ReadOnlySpan<int>)_steps)[.._rank];

    /// <summary>True where elements of the shape lie side by side in row-major order.</summary>
    public bool IsCompact(Shape shape)
    {
        int step = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && _steps[i] != step) return false;
            step *= Math.Max(shape[i], 1);
        }
        return true;
    }

    /// <summary>Strides that show a tensor of shape <paramref name="from"/> as <paramref name="to"/>, to which it broadcasts.</summary>
    public Strides Broadcast(Shape from, Shape to)
    {
        Span<int> steps = stackalloc int[to.Rank];
        for (int i = 1; i <= from.Rank; i++)
            steps[^i] = from[from.Rank - i] == 1 && to[to.Rank - i] != 1 ? 0 : _steps[from.Rank - i];
        return new(steps);
    }

    /// <inheritdoc/>
    public bool Equals(Strides other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Strides other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = _rank;
        foreach (int step in Span) hash = HashCode.Combine(hash, step);
        return hash;
    }

    /// <summary>Equal values.</summary>
    public static bool operator ==(Strides a, Strides b) => a.Equals(b);

    /// <summary>Other values.</summary>
    public static bool operator !=(Strides a, Strides b) => !a.Equals(b);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Span.ToArray())}]";

    [InlineArray(Shape.MaxRank)]
    private struct Steps
    {
        private int _first;
    }
}
