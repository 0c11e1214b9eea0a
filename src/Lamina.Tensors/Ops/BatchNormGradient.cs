using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, gamma, mean, variance, dy, dmean, dvariance) → (dx, dgamma, dbeta): the gradients of <see cref="BatchNorm"/>. Where
/// a second gradient may be taken, <see cref="BatchNorm"/> uses tensor ops instead.
/// </summary>
public sealed record BatchNormGradient : Normalization
{
    private const int Grain = 16 * 1024, Slot = 5;

    public override string Name => "batch_norm_gradient";

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 7);
        Check(x, ["gamma", "mean", "variance"]);
        RequireLike(x[0], x[4]);
        if (x[5] != x[2] || x[6] != x[2]) Refuse($"dmean {x[5]} and dvariance {x[6]} must be {x[2]}");
        return [x[0], x[1], x[1]];
    }

    public override Tensors Define(Tensors t)
    {
        Tensor x = t[0], gamma = t[1], mean = t[2], variance = t[3], by = t[4];
        (int rows, _) = Matrix(x.Shape);
        Tensor distance = x - mean, scale = 1 / (variance + Epsilon).Sqrt(), standard = distance * scale;
        Tensor beta = by.SumTo(gamma.Shape), slope = by.Times(standard).SumTo(gamma.Shape);
        Tensor dx = (by - beta / rows - (slope / rows).Times(standard)).Times(gamma * scale) + t[5] / rows + (t[6] * 2 / rows).Times(distance);
        return [dx, slope, beta];
    }

    public override long Workspace(Specs x) => TwoSums(x[0]);

    public override unsafe void Run(in CpuCall c)
    {
        (int rows, int columns) = Matrix(c[0].Shape);
        if (columns == 0) return;
        var blocks = new RowBlocks(rows, columns);
        byte* slopes = (byte*)c.Workspace, betas = slopes + (nint)blocks.Count * columns * c[0].DType.Size;
        VectorRegion.For(c.Pool, c[0].DType, blocks.Count, 1,
            new Sums { X = (byte*)c[0].Data, By = (byte*)c[4].Data, Means = (byte*)c[2].Data, Slopes = slopes, Betas = betas, Blocks = blocks,
            Features = columns });
        AddBlocks(c, blocks.Count, columns, slopes, c.Outputs[1]);
        AddBlocks(c, blocks.Count, columns, betas, c.Outputs[2]);
        var body = new Body
        {
            X = (byte*)c[0].Data, Gamma = (byte*)c[1].Data, Mean = (byte*)c[2].Data, Variance = (byte*)c[3].Data, By = (byte*)c[4].Data,
            ByMean = (byte*)c[5].Data, ByVariance = (byte*)c[6].Data, Slope = (byte*)c.Outputs[1].Data, Beta = (byte*)c.Outputs[2].Data,
                To = (byte*)c.Output.Data,
            Features = columns, Epsilon = Epsilon, Rows = rows,
        };
        VectorRegion.For(c.Pool, c[0].DType, rows, Grain / columns, body);
        VectorRegion.For(c.Pool, c[0].DType, 1, 1, new Finish { Slope = body.Slope, Variance = body.Variance, Features = columns, Epsilon = Epsilon });
        if (c[0].DType == DType.Float32) ClearUnused<float>(c, rows, columns);
        else ClearUnused<double>(c, rows, columns);
    }

    /// <summary>A feature whose scale or sums are no numbers, and whose dy are all 0: then nothing comes from it but by the mean.</summary>
    private unsafe void ClearUnused<T>(in CpuCall c, int rows, int columns) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* gamma = (T*)c[1].Data, mean = (T*)c[2].Data, variance = (T*)c[3].Data, by = (T*)c[4].Data, byMean = (T*)c[5].Data, byVariance = (T*)c[6].Data;
        T* to = (T*)c.Outputs[0].Data, slope = (T*)c.Outputs[1].Data;
        T epsilon = T.CreateTruncating(Epsilon);
        for (int j = 0; j < columns; j++)
        {
            if (T.IsFinite(gamma[j] / T.Sqrt(variance[j] + epsilon) + slope[j] + mean[j]) || byVariance[j] != T.Zero) continue;
            int row = 0;
            while (row < rows && by[(nint)row * columns + j] == T.Zero) row++;
            if (row < rows) continue;
            for (row = 0; row < rows; row++) to[(nint)row * columns + j] = byMean[j] / T.CreateTruncating(rows);
            slope[j] = T.Zero;
        }
    }

    /// <summary>Σ dy · (x − mean) and Σ dy over each block of rows.</summary>
    private unsafe struct Sums : IVectorRegion
    {
        public byte* X, By, Means, Slopes, Betas;
        public RowBlocks Blocks;
        public int Features;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            nint pitch = (nint)Features * V.Size;
            for (int block = begin; block < end; block++)
            {
                int first = block * Blocks.Size, rows = Blocks.RowsOf(block);
                RowSums.Columns<V, Covariance<V>>(new Covariance<V> { X = X, By = By, Means = Means }, first, rows, Features, 1, Slopes + block * pitch);
                RowSums.Columns<V, Values<V>>(new Values<V>(By), first, rows, Features, 1, Betas + block * pitch);
            }
        }
    }

    /// <summary>dx = dy · a + (x − mean) · b + c, with a, b and c the same for a column.</summary>
    private unsafe struct Body : IVectorRegion
    {
        public byte* X, Gamma, Mean, Variance, By, ByMean, ByVariance, Slope, Beta, To;
        public int Features;
        public double Epsilon, Rows;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            nint pitch = (nint)Features * V.Size, at = 0, bytes = V.Count * V.Size, line = (pitch + bytes - 1) / bytes * bytes;
            byte* means = (byte*)Scratch.Get(Slot, 4 * line), factors = means + line, slopes = factors + line, shifts = slopes + line;
            V rows = V.Of(Rows);
            for (int left = Features; left > 0; left -= V.Count, at += bytes)
            {
                V variance = Lanes.Load<V>(Variance + at, left) + V.Of(Epsilon), a = Lanes.Load<V>(Gamma + at, left) / V.Sqrt(variance);
                V.Store(Lanes.Load<V>(Mean + at, left), means + at);
                V.Store(a, factors + at);
                V.Store((V.Of(2) * Lanes.Load<V>(ByVariance + at, left) - a * Lanes.Load<V>(Slope + at, left) / variance) / rows, slopes + at);
                V.Store((Lanes.Load<V>(ByMean + at, left) - a * Lanes.Load<V>(Beta + at, left)) / rows, shifts + at);
            }
            byte* x = X + begin * pitch, by = By + begin * pitch, to = To + begin * pitch;
            if (Features <= V.Count)
            {
                V mean = V.Load(means), factor = V.Load(factors), slope = V.Load(slopes), shift = V.Load(shifts);
                for (int row = begin; row < end; row++, x += pitch, by += pitch, to += pitch)
                    Lanes.Store(V.Fma(Lanes.Load<V>(by, Features), factor, V.Fma(Lanes.Load<V>(x, Features) - mean, slope, shift)), to, Features);
                return;
            }
            for (int row = begin; row < end; row++, x += pitch, by += pitch, to += pitch)
            {
                at = 0;
                for (int left = Features; left > 0; left -= V.Count, at += bytes)
                {
                    V slope = V.Fma(Lanes.Load<V>(x + at, left) - V.Load(means + at), V.Load(slopes + at), V.Load(shifts + at));
                    Lanes.Store(V.Fma(Lanes.Load<V>(by + at, left), V.Load(factors + at), slope), to + at, left);
                }
            }
        }
    }

    /// <summary>dgamma: the sums still have to be divided by the root of the variance.</summary>
    private unsafe struct Finish : IVectorRegion
    {
        public byte* Slope, Variance;
        public int Features;
        public double Epsilon;

        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            nint at = 0;
            for (int left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
                Lanes.Store(Lanes.Load<V>(Slope + at, left) / V.Sqrt(Lanes.Load<V>(Variance + at, left) + V.Of(Epsilon)), Slope + at, left);
        }
    }
}
