using System.Numerics;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Products;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// The matrix product (…, m, k) × (…, k, n) → (…, m, n) of weights and values, in which what has weight 0 takes no part, though it be
/// infinite or NaN: what a mask hides has no influence. The axes before the last two are the same.
/// </summary>
public sealed record WeightedSum : Op
{
    public override string Name => "weighted_sum";

    /// <summary>Whether values of 0 take no part either, be their weights infinite or NaN.</summary>
    public bool Both { get; init; }

    public override bool TakesStrides => true;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 2);
        Shape a = x[0].Shape, b = x[1].Shape;
        if (x[0].DType != x[1].DType) Refuse($"the operands are {x[0].DType.Text} and {x[1].DType.Text}", $"Cast(DType.{x[0].DType}) on the second");
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        if (a.Rank < 2 || a.Rank != b.Rank || a.With(-2, a[^1]).With(-1, b[^1]) != b) Refuse($"{a} × {b}: takes (…, m, k) and (…, k, n)");
        return x[0] with { Shape = a.With(-1, b[^1]) };
    }

    public override Tensors Define(Tensors x)
    {
        Spec spec = Infer(x.Specs)[0];
        int rows = spec.Shape[^2], columns = spec.Shape[^1], depth = x[0].Shape[^1];
        var sums = new double[spec.Shape.Count];
        for (int i = 0; i < sums.Length; i++)
            for (int k = 0; k < depth; k++)
            {
                double weight = x[0].Element(i / columns * depth + k), value = x[1].Element((i / columns / rows * depth + k) * columns + i % columns);
                if (weight != 0 && (value != 0 || !Both)) sums[i] += weight * value;
            }
        return Tensor.FromDoubles(sums, spec);
    }

    public override Grads Gradient(in GradCall g) =>
        [g.Wants(0) ? (this with { Both = true }).Apply(g.By, g[1].T) : null, g.Wants(1) ? (this with { Both = true }).Apply(g[0].T, g.By) : null];

    public override long MultiplyAdds(Specs x) => (long)Infer(x)[0].Shape.Count * x[0].Shape[^1];

    public override void Run(in CpuCall c)
    {
        MatrixProducts.Run(c[0], c[1], c.Output, null, c.Pool);
        int depth = c[0].Shape[^1];
        if (c.Output.Count == 0 || depth == 0) return;
        if (c[0].DType == DType.Float32) Mend<float>(c, depth);
        else Mend<double>(c, depth);
    }

    private unsafe void Mend<T>(in CpuCall c, int depth) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int columns = c.Output.Shape[^1];
        var rows = new Rows<T> { Weights = (T*)c[0].Data, Values = (T*)c[1].Data, Sums = (T*)c.Output.Data, OfWeights = c[0], OfValues = c[1], Depth = depth,
            Columns = columns, Both = Both };
        c.Pool.For(c.Output.Count / columns, Math.Max(1, 16 * 1024 / columns), ref rows);
    }

    /// <summary>Sums that aren't finite are added up again, without the values of weight 0.</summary>
    private unsafe struct Rows<T> : IRegion where T : unmanaged, IFloatingPointIeee754<T>
    {
        public T* Weights, Values, Sums;
        public View OfWeights, OfValues;
        public int Depth, Columns;
        public bool Both;

        public readonly void Run(int begin, int end)
        {
            for (int row = begin; row < end; row++)
            {
                T* sums = Sums + (nint)row * Columns;
                for (int j = 0; j < Columns; j++)
                    if (!T.IsFinite(sums[j])) sums[j] = Sum(row, j);
            }
        }

        private readonly T Sum(int row, int column)
        {
            int rank = OfWeights.Shape.Rank, rest = row;
            nint weight = (nint)(rest % OfWeights.Shape[^2]) * OfWeights.Strides[rank - 2], value = (nint)column * OfValues.Strides[rank - 1];
            rest /= OfWeights.Shape[^2];
            for (int axis = rank - 3; axis >= 0; rest /= OfWeights.Shape[axis--])
            {
                int at = rest % OfWeights.Shape[axis];
                weight += (nint)at * OfWeights.Strides[axis];
                value += (nint)at * OfValues.Strides[axis];
            }
            T sum = T.Zero;
            for (int k = 0; k < Depth; k++, weight += OfWeights.Strides[rank - 1], value += OfValues.Strides[rank - 2])
                if (Weights[weight] != T.Zero && (!Both || Values[value] != T.Zero)) sum = T.FusedMultiplyAdd(Weights[weight], Values[value], sum);
            return sum;
        }
    }
}
