using System.Diagnostics;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>
/// An array of numbers of one type in up to eight axes, features last: tables (batch, features), sequences
/// (batch, steps, channels), images (batch, height, width, channels). A tensor never changes; every op gives a new
/// one, or a view of the same memory where strides can say it. Nothing has to be disposed.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed unsafe partial class Tensor
{
    private readonly Storage? _storage;
    private readonly nint _byteOffset;
    // The version of the memory that it shows; one that is being written is shown by nobody.
    private int _version;

    private Tensor(Spec spec, Strides strides, Storage? storage, nint byteOffset) : this(spec, strides, storage, byteOffset, (storage?.Version ?? 0) & ~1) { }

    private Tensor(Spec spec, Strides strides, Storage? storage, nint byteOffset, int version)
    {
        Spec = spec;
        Strides = strides;
        _storage = storage;
        _byteOffset = byteOffset;
        _version = version;
    }

    /// <summary>Type and shape.</summary>
    public Spec Spec { get; }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape => Spec.Shape;

    /// <summary>The type of the elements.</summary>
    public DType DType => Spec.DType;

    /// <summary>The number of axes.</summary>
    public int Rank => Spec.Shape.Rank;

    /// <summary>The number of elements.</summary>
    public int Count => Spec.Shape.Count;

    /// <summary>Strides, in elements.</summary>
    public Strides Strides { get; }

    /// <summary>True where the elements lie side by side in row-major order.</summary>
    public bool IsCompact => Strides.IsCompact(Shape);

    /// <summary>Whether ops on this tensor are noted for gradients.</summary>
    public bool IsTracked { get; internal init; }

    /// <summary>The call that made it, where that was noted.</summary>
    internal Node? Node { get; set; }

    /// <summary>Which of the call's results it is.</summary>
    internal int NodeOutput { get; set; }

    /// <summary>The variable whose value it is.</summary>
    internal Variable? Source { get; init; }

    /// <summary>For a symbolic view: the tensor whose memory it shows. Itself otherwise.</summary>
    internal Tensor Root { get => field ?? this; init; }

    /// <summary>True inside a plan's recording: there is a shape but no value yet.</summary>
    public bool IsSymbolic => _storage is null;

    /// <summary>The distance of the first element from the memory's start (or the root's, when symbolic), in bytes.</summary>
    internal nint ByteOffset => _byteOffset;

    internal Storage Storage
    {
        get
        {
            Storage storage = _storage ?? throw Unreadable();
            if (storage.Version != _version) throw Overwritten();
            return storage;
        }
    }

    /// <summary>Whether it is what a plan computed, and not a constant: the next run overwrites it.</summary>
    internal bool IsResult => _storage is { IsRewritten: true };

    /// <summary>The memory, whether or not it still holds these values.</summary>
    internal Storage? Memory => _storage;

    /// <summary>Whether its memory was written to again since it was given out: reading it is an error.</summary>
    internal bool IsOverwritten => _storage is { } storage && storage.Version != _version;

    /// <summary>Makes it show what its memory holds now: for a tensor that is given out anew.</summary>
    internal void Renew() => _version = _storage!.Version;

    /// <summary>Refuses what was just read from here if it was overwritten meanwhile, by another thread.</summary>
    /// <exception cref="TensorException">It was.</exception>
    internal void CheckUnchanged()
    {
        if (_storage is not { IsRewritten: true }) return;
        Interlocked.MemoryBarrier();
        if (IsOverwritten) throw Overwritten();
    }

    internal View View => new((byte*)Storage.Address + _byteOffset, DType, Shape, Strides);

    /// <summary>The first element's address, whether or not the memory still holds these values.</summary>
    internal void* Address => (byte*)_storage!.Address + _byteOffset;

    internal static Tensor Rent(Spec spec, bool tracked = false) =>
        new(spec, Strides.Compact(spec.Shape), Storage.Rent(spec.Bytes), 0) { IsTracked = tracked };

    /// <summary>A symbolic value seen as a variable's: a leaf that gradients can be taken by.</summary>
    internal static Tensor Leaf(Tensor value, Variable variable) =>
        new(value.Spec, value.Strides, value._storage, value._byteOffset, value._version) { Source = variable, IsTracked = variable.IsTrainable
            && value.DType.IsFloat, Root = value.Root };

    /// <summary>A variable's value as its memory holds it now.</summary>
    internal static Tensor Renewed(Tensor value, Variable variable) =>
        new(value.Spec, value.Strides, value._storage, value._byteOffset) { Source = variable, IsTracked = variable.IsTrainable && value.DType.IsFloat };

    /// <summary>A tensor over memory that a plan owns.</summary>
    internal static Tensor Over(Storage storage, nint byteOffset, Spec spec) => new(spec, Strides.Compact(spec.Shape), storage, byteOffset);

    internal static Tensor Symbolic(Spec spec, bool tracked) => new(spec, Strides.Compact(spec.Shape), null, 0) { IsTracked = tracked };

    /// <summary>Another look at the same memory.</summary>
    internal Tensor Alias(Shape shape, Strides strides, int elementOffset, bool tracked) =>
        new(new Spec(DType, shape), strides, _storage, _byteOffset + (nint)elementOffset * DType.Size, _version) { IsTracked = tracked, Root = Root };

    /// <summary>The same memory as a variable's value: no history, tracked where the variable is trained.</summary>
    internal Tensor AsLeaf(Variable variable)
    {
        Tensor compact = IsCompact ? this : Copy();
        return new(Spec, compact.Strides, compact.Storage, compact._byteOffset, compact._version) { Source = variable, IsTracked = variable.IsTrainable
            && DType.IsFloat };
    }

    /// <summary>The same values, with the ops on them noted, so that gradients can be taken by it.</summary>
    /// <exception cref="TensorException">The elements are not float32 or float64.</exception>
    public Tensor Track()
    {
        if (!DType.IsFloat) throw new TensorException($"gradients are taken by float32 and float64 tensors, not by {DType.Text}");
        return new(Spec, Strides, _storage, _byteOffset, _version) { IsTracked = true, Root = Root };
    }

    /// <summary>A tensor with these values, rows first, copied.</summary>
    /// <exception cref="TensorException">The shape has another number of elements, or no tensor holds <typeparamref name="T"/>.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, Shape shape) where T : unmanaged
    {
        if (values.Length != shape.Count)
            throw new TensorException($"{values.Length} values don't fill shape {shape}, which has {shape.Count} elements");
        Tensor result = Rent(new Spec(DTypes.Of<T>(), shape));
        values.CopyTo(result.Write<T>());
        return result;
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, Shape)"/>
    public static Tensor From<T>(T[] values, Shape shape) where T : unmanaged => From((ReadOnlySpan<T>)values, shape);

    /// <summary>A vector of these values.</summary>
    public static Tensor From<T>(params T[] values) where T : unmanaged => From((ReadOnlySpan<T>)values, [values.Length]);

    /// <summary>A matrix of these values.</summary>
    public static Tensor From<T>(T[,] values) where T : unmanaged
    {
        Tensor result = Rent(new Spec(DTypes.Of<T>(), [values.GetLength(0), values.GetLength(1)]));
        fixed (T* first = values) new ReadOnlySpan<T>(first, values.Length).CopyTo(result.Write<T>());
        return result;
    }

    /// <summary>A scalar.</summary>
    public static Tensor Of<T>(T value) where T : unmanaged => From([value], Shape.Scalar);

    /// <summary>A scalar of the given type, rounded once.</summary>
    /// <exception cref="TensorException">The type is an integer one, and the value no whole number of its range.</exception>
    public static Tensor Scalar(Scalar value, DType type)
    {
        value = value.In(type, "scalar");
        Tensor result = Rent(new Spec(type, Shape.Scalar));
        Conversion.Store(value, type, result.View.Data);
        return result;
    }

    /// <summary>A tensor of this spec whose values are given by <paramref name="fill"/>; for readers of files and data.</summary>
    public static Tensor Create<T>(Shape shape, Action<Span<T>> fill) where T : unmanaged
    {
        Tensor result = Rent(new Spec(DTypes.Of<T>(), shape));
        fill(result.Write<T>());
        return result;
    }

    /// <summary>A tensor of any type from double precision values, rows first, each rounded to the type.</summary>
    public static Tensor FromDoubles(ReadOnlySpan<double> values, Spec spec)
    {
        Tensor exact = From(values, spec.Shape);
        if (spec.DType == DType.Float64) return exact;
        Tensor result = Rent(spec);
        fixed (double* from = values)
            Conversion.Run(from, DType.Float64, result.View.Data, spec.DType, values.Length);
        return result;
    }

    /// <summary>A tensor of any type from the bytes of its elements in this machine's order.</summary>
    /// <exception cref="TensorException">The bytes don't fill the spec.</exception>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, Spec spec)
    {
        if (bytes.Length != spec.Bytes) throw new TensorException($"{bytes.Length} bytes don't fill {spec}, which has {spec.Bytes}");
        Tensor result = Rent(spec);
        bytes.CopyTo(new Span<byte>(result.View.Data, bytes.Length));
        return result;
    }

    /// <summary>The values, rows first, in a new array.</summary>
    /// <exception cref="TensorException">The elements have another type, or there are no values yet (inside a plan).</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        Tensor compact = Compact<T>();
        T[] values = compact.Write<T>().ToArray();
        compact.CheckUnchanged();
        GC.KeepAlive(compact);
        return values;
    }

    /// <summary>The values, rows first. A view is made compact first.</summary>
    /// <exception cref="TensorException">The elements have another type, or there are no values yet (inside a plan).</exception>
    public ReadOnlySpan<T> Read<T>() where T : unmanaged
    {
        Tensor compact = Compact<T>();
        return compact.Storage.Lend<T>(compact._byteOffset, Count);
    }

    private Tensor Compact<T>() where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
            throw new TensorException($"the elements are {DType.Text}, not {DTypes.Of<T>().Text}", $"Cast(DType.{DTypes.Of<T>()}) first");
        return IsCompact ? this : Copy();
    }

    /// <summary>The bytes of the values, rows first, in this machine's order. A view is made compact first.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        Tensor compact = IsCompact ? this : Copy();
        return compact.Storage.Lend<byte>(compact._byteOffset, (int)Spec.Bytes);
    }

    /// <summary>The value of a tensor of one element, as a double.</summary>
    /// <exception cref="TensorException">There is not exactly one element, no value yet (inside a plan), or an int64 that no double holds.</exception>
    public double Item()
    {
        RequireOne();
        double value = Element(0);
        if (DType == DType.Int64 && Whole(0) is var whole && (Int128)value != whole)
            throw new TensorException($"Item() of the int64 {whole}: a double would round it to {value:F0}", "Item<long>()");
        return value;
    }

    /// <summary>The value of a tensor of one element, exactly.</summary>
    /// <exception cref="TensorException">There is not exactly one element, it has another type, or there is no value yet (inside a plan).</exception>
    public T Item<T>() where T : unmanaged
    {
        RequireOne();
        return Read<T>()[0];
    }

    private void RequireOne()
    {
        if (Count != 1) throw new TensorException($"Item() of shape {Shape}: there are {Count} elements, not one", "Sum(), Mean() or an index first");
    }

    /// <summary>An element counted in row-major order, as a double: an int64 beyond 2⁵³ is rounded to the nearest.</summary>
    public double Element(int index)
    {
        double value = At(index, out void* at) switch
        {
            DType.Float32 => *(float*)at,
            DType.Float64 => *(double*)at,
            DType.Int32 => *(int*)at,
            DType.Int64 => *(long*)at,
            DType.Float16 => (double)*(Half*)at,
            DType.BFloat16 => BitConverter.Int32BitsToSingle(*(ushort*)at << 16),
            _ => *(byte*)at,
        };
        CheckUnchanged();
        GC.KeepAlive(this);
        return value;
    }

    /// <summary>An element of an integer or bool tensor, counted in row-major order.</summary>
    private long Whole(int index)
    {
        long value = At(index, out void* at) switch
        {
            DType.Int32 => *(int*)at,
            DType.Int64 => *(long*)at,
            _ => *(byte*)at,
        };
        GC.KeepAlive(this);
        return value;
    }

    private DType At(int index, out void* at)
    {
        int offset = 0;
        for (int axis = Rank - 1; axis >= 0; axis--)
        {
            offset += index % Shape[axis] * Strides[axis];
            index /= Shape[axis];
        }
        at = (byte*)View.Data + (nint)offset * DType.Size;
        return DType;
    }

    /// <summary>
    /// Gives a tensor that stands for a place (an input that is set anew before every run of a plan) new values. Whoever
    /// shows the same memory sees them too.
    /// </summary>
    internal void Overwrite<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        values.CopyTo(Write<T>());
        GC.KeepAlive(this);
    }

    /// <summary>The memory of a fresh compact tensor, to be filled; only good while the tensor is held.</summary>
    internal Span<T> Write<T>() where T : unmanaged => new(View.Data, Count);

    /// <summary>A compact copy of the values, in memory of its own.</summary>
    public Tensor Keep() => Copy();

    private Tensor Copy()
    {
        Tensor result = Rent(Spec);
        Strided.Copy(View, result.View.Data);
        CheckUnchanged();
        GC.KeepAlive(this);
        return result;
    }

    private TensorException Overwritten() => _storage!.Rewriter switch
    {
        Rewriter.Loader => new($"a batch's tensor of {Spec} was read after the next batch was asked for, which may lie in the same memory",
            "Keep() on it before the next batch, or Dataset.Take for examples that are kept"),
        Rewriter.Update => new($"a variable's value of {Spec} was read after a plan or step had updated the variable in place",
            "Keep() on the value before the update, or the variable's Value after it"),
        _ => new($"a result of {Spec} was read after the next run of its plan or step, which has overwritten it: it is valid until then",
            "Keep() on the result before the next run"),
    };

    private NoValueException Unreadable() =>
        new($"a value of {Spec} was read inside a plan, where there are only shapes yet",
            "return it from the step and read it there, or use Where() instead of a C# if");
}
