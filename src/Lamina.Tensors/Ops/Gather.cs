using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The base of <see cref="Gather"/> and <see cref="ScatterAdd"/>: an index tensor of the same rank names, for each of
/// its places, a place along one axis of x; on the other axes it is no larger than x, and the places are its own.
/// </summary>
public abstract record IndexedOp : AxisOp
{
    private protected void Check(Spec x, Spec index)
    {
        RequireAxis(x.Shape);
        RequireIndex(index.DType);
        bool fits = index.Shape.Rank == x.Shape.Rank;
        for (int i = 0; fits && i < x.Shape.Rank; i++) fits = i == Axis || index.Shape[i] <= x.Shape[i];
        if (!fits) Refuse($"index {index.Shape} for {x.Shape}: the ranks must be equal, and all axes but {Axis} of the index no larger",
            "Rows() to pick whole rows");
    }

    private protected Indices Checked(in View index, Shape x) => Indices.Checked(Name, index, x, Axis);

    /// <summary>For each place of the index tensor, in order, the place in x that it names, both counted in row-major order.</summary>
    private protected int[] Places(Shape x, Tensor index)
    {
        Indices values = Checked((index.IsCompact ? index : index.Keep()).View, x);
        var map = new PlaceMap(index.Shape, x, Axis);
        var places = new int[index.Count];
        for (int i = 0; i < places.Length; i++)
            places[i] = map.Outer(i / (map.Length * map.Inner)) + (int)values[i] * map.Step + map.Offset(i % map.Inner);
        return places;
    }
}

/// <summary>Where the places of an index tensor lie in the tensor that it points into, apart from the axis itself.</summary>
internal readonly struct PlaceMap
{
    private readonly Shape _index;
    private readonly Strides _strides;
    private readonly int _axis;
    private readonly bool _innerIsSame;

    public PlaceMap(Shape index, Shape x, int axis)
    {
        (_index, _axis, _strides) = (index, axis, Strides.Compact(x));
        Length = index[axis];
        Step = _strides[axis];
        Inner = 1;
        _innerIsSame = true;
        for (int i = axis + 1; i < index.Rank; i++)
        {
            Inner *= index[i];
            _innerIsSame &= index[i] == x[i];
        }
    }

    /// <summary>The index tensor's size along the axis, and behind it.</summary>
    public readonly int Length, Inner;

    /// <summary>How far apart neighbours along the axis lie in x.</summary>
    public readonly int Step;

    /// <summary>Where an outer place of the index tensor begins in x.</summary>
    public int Outer(int flat) => Place(flat, 0, _axis);

    /// <summary>Where an inner place lies in x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Offset(int flat) => _innerIsSame ? flat : Place(flat, _axis + 1, _index.Rank);

    private int Place(int flat, int from, int to)
    {
        int at = 0;
        for (int i = to - 1; i >= from; i--)
        {
            at += flat % _index[i] * _strides[i];
            flat /= _index[i];
        }
        return at;
    }
}

/// <summary>
/// Values picked along an axis: result[i, j] = x[index[i, j], j] for axis 0 of a matrix. The index (int64 or int32) has
/// x's rank and gives the result's shape; its gradient adds up where a value was picked more than once.
/// </summary>
public sealed record Gather : IndexedOp
{
    private const int Grain = 8 * 1024;

    public override string Name => "gather";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 2);
        Check(x[0], x[1]);
        return x[0] with { Shape = x[1].Shape };
    }

    public override Tensors Define(Tensors x) =>
        Tensor.FromDoubles([.. Places(x[0].Shape, x[1]).Select(x[0].Element)], x[0].Spec with { Shape = x[1].Shape });

    public override Grads Gradient(in GradCall g) =>
        [g.Wants(0) ? new ScatterAdd { Axis = Axis }.Apply(Tensor.ZerosLike(g[0]), g[1], g.By) : null, null];

    public override void Run(in CpuCall c)
    {
        switch (c[0].DType.Size)
        {
            case 1: Run<byte>(c); break;
            case 2: Run<ushort>(c); break;
            case 4: Run<uint>(c); break;
            default: Run<ulong>(c); break;
        }
    }

    private unsafe void Run<T>(in CpuCall c) where T : unmanaged
    {
        if (c.Output.Count == 0) return;
        var region = new Region<T> { From = (T*)c[0].Data, To = (T*)c.Output.Data, Index = Checked(c[1], c[0].Shape), Map = new(c[1].Shape, c[0].Shape, Axis) };
        c.Pool.For(c.Output.Count / region.Map.Inner, Math.Max(1, Grain / region.Map.Inner), ref region);
    }

    /// <summary>A unit is one place of the outer axes and the axis itself.</summary>
    private unsafe struct Region<T> : IRegion where T : unmanaged
    {
        public T* From, To;
        public Indices Index;
        public PlaceMap Map;

        public readonly void Run(int begin, int end)
        {
            int inner = Map.Inner, known = -1, start = 0;
            for (int unit = begin; unit < end; unit++)
            {
                int outer = unit / Map.Length;
                if (outer != known) start = Map.Outer(known = outer);
                for (int j = 0; j < inner; j++)
                {
                    int at = unit * inner + j;
                    To[at] = From[start + (int)Index[at] * Map.Step + Map.Offset(j)];
                }
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.Gather"/>
        public Tensor Gather(int axis, Tensor index) => new Gather { Axis = x.Shape.Axis(axis, "gather") }.Apply(x, index);
    }
}
