using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Engines.Cpu;

/// <summary>A tensor as a kernel sees it: an address, a type, a shape and strides in elements.</summary>
public readonly unsafe struct View(void* data, DType dtype, Shape shape, Strides strides)
{
    private readonly nint _data = (nint)data;

    /// <summary>The first element.</summary>
    public void* Data => (void*)_data;

    /// <summary>The element type.</summary>
    public readonly DType DType = dtype;

    /// <summary>The sizes of the axes.</summary>
    public readonly Shape Shape = shape;

    /// <summary>The distances between neighbours, in elements.</summary>
    public readonly Strides Strides = strides;

    /// <summary>The number of elements.</summary>
    public int Count => Shape.Count;

    /// <summary>True where the elements lie side by side in row-major order.</summary>
    public bool IsCompact => Strides.IsCompact(Shape);

    /// <summary>The elements of a compact view.</summary>
    public Span<T> Span<T>() where T : unmanaged => new(Data, Count);

    /// <summary>The same elements at another address.</summary>
    internal View At(void* address) => new(address, DType, Shape, Strides);

    /// <summary>Moves a view to another address where it is: a plan does it for every operand that isn't its own.</summary>
    internal static void Move(ref View view, void* address) => Unsafe.AsRef(in view._data) = (nint)address;
}
