using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Epilogues;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, gamma, beta) → (y, mean, variance): each feature of x (…, features) brought to mean 0 and variance 1 over all
/// other axes, times gamma, plus beta (Ioffe and Szegedy, 2015); and those means and (biased) variances (features).
/// </summary>
public sealed record BatchNorm : Normalization, ITakesEpilogue
{
    private const int Grain = 16 * 1024, FinishedAtOnce = 4096, Slot = 5;

    public override string Name => "batch_norm";

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Check(x, ["gamma", "beta"]);
        return [x[0], PerFeature(x[0]), PerFeature(x[0])];
    }

    public override Tensors Define(Tensors x)
    {
        Tensor mean = x[0].Mean(AllButLast(x[0])), distance = TensorOps.Centred(x[0], AllButLast(x[0]));
        Tensor variance = (distance * distance).Mean(AllButLast(x[0]));
        return [distance / (variance + Epsilon).Sqrt() * x[1] + x[2], mean, variance];
    }

    public override Grads Gradient(in GradCall g)
    {
        Tensors operands = [g[0], g[1], g.Outputs[1], g.Outputs[2], g.By, g.Upstream[1], g.Upstream[2]];
        var op = new BatchNormGradient { Epsilon = Epsilon };
        Tensors all = Tracking.IsPaused ? op.ApplyAll(operands) : op.Define(operands);
        return [all[0], all[1], all[2]];
    }

    public override long Workspace(Specs x) => TwoSums(x[0]) + (long)x[0].Shape[^1] * x[0].DType.Size;

    public override void Run(in CpuCall c) => Run(c, null);

    void ITakesEpilogue.Run(in CpuCall c, BlockEpilogue epilogue) => Run(c, epilogue);

    private unsafe void Run(in CpuCall c, BlockEpilogue? epilogue)
    {
        (int rows, int columns) = Matrix(c[0].Shape);
        if (columns == 0) return;
        var blocks = new RowBlocks(rows, columns);
        nint line = (nint)columns * c[0].DType.Size;
        byte* means = (byte*)c.Workspace, squares = means + blocks.Count * line, rests = squares + blocks.Count * line;
        // Of no rows there is no first one; any memory will do.
        byte* first = rows > 0 ? (byte*)c[0].Data : (byte*)c.Outputs[1].Data;
        VectorRegion.For(c.Pool, c[0].DType, blocks.Count, 1,
            new Statistics { X = (byte*)c[0].Data, First = first, Means = means, Squares = squares, Blocks = blocks, Features = columns });
        VectorRegion.For(c.Pool, c[0].DType, 1, 1, new Combination { First = first, Means = means, Squares = squares, Rests = rests, Blocks = blocks,
            Features = columns, Mean = (byte*)c.Outputs[1].Data, Variance = (byte*)c.Outputs[2].Data });
        VectorRegion.For(c.Pool, c[0].DType, rows, Grain / columns, new Normalize
        {
            X = (byte*)c[0].Data, Y = (byte*)c.Output.Data, Gamma = (byte*)c[1].Data, Beta = (byte*)c[2].Data,
            Mean = (byte*)c.Outputs[1].Data, Variance = (byte*)c.Outputs[2].Data, Rests = rests, Features = columns, Epsilon = Epsilon, Epilogue = epilogue,
        });
    }

    /// <summary>
    /// The mean, and the sum of squared distances from it, of each block's columns, while the block is in the cache. Means are
    /// counted from the first row: of equal values they are 0, and far from 0 they aren't rounded in units of the values.
    /// </summary>
    private unsafe struct Statistics : IVectorRegion
    {
        public byte* X, First, Means, Squares;
        public RowBlocks Blocks;
        public int Features;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            nint pitch = (nint)Features * V.Size;
            for (int block = begin; block < end; block++)
            {
                int first = block * Blocks.Size, rows = Blocks.RowsOf(block);
                byte* means = Means + block * pitch, squares = Squares + block * pitch, pivots = (byte*)Scratch.Get(Slot, pitch);
                RowSums.Columns<V, Distance<V>>(new Distance<V> { X = X, From = First }, first, rows, Features, rows, means);
                for (nint at = 0, left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
                    Lanes.Store(Lanes.Load<V>(First + at, (int)left) + Lanes.Load<V>(means + at, (int)left), pivots + at, (int)left);
                RowSums.Columns<V, SquaredDistance<V>>(new SquaredDistance<V> { X = X, Means = pivots }, first, rows, Features, 1, squares);
                // The pivot is the mean but for its rounding, which counts once for each row.
                for (nint at = 0, left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
                {
                    V rest = Lanes.Load<V>(means + at, (int)left) - (Lanes.Load<V>(pivots + at, (int)left) - Lanes.Load<V>(First + at, (int)left));
                    Lanes.Store(Lanes.Load<V>(squares + at, (int)left) - V.Of(rows) * rest * rest, squares + at, (int)left);
                }
            }
        }
    }

    /// <summary>The blocks' statistics as one, in order (Chan, Golub and LeVeque, 1979).</summary>
    private unsafe struct Combination : IVectorRegion
    {
        public byte* First, Means, Squares, Mean, Variance, Rests;
        public RowBlocks Blocks;
        public int Features;

        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            nint pitch = (nint)Features * V.Size, at = 0;
            for (int left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
            {
                V mean = Lanes.Load<V>(Means + at, left), squares = Lanes.Load<V>(Squares + at, left);
                double rows = Blocks.RowsOf(0);
                for (int block = 1; block < Blocks.Count; block++)
                {
                    double more = Blocks.RowsOf(block), all = rows + more;
                    V apart = Lanes.Load<V>(Means + block * pitch + at, left) - mean;
                    mean = V.Fma(apart, V.Of(more / all), mean);
                    squares += V.Fma(apart * apart, V.Of(rows * more / all), Lanes.Load<V>(Squares + block * pitch + at, left));
                    rows = all;
                }
                // What the mean loses where it is rounded to its type is kept beside it.
                V first = Lanes.Load<V>(First + at, left), rounded = first + mean;
                Lanes.Store(mean - (rounded - first), Rests + at, left);
                Lanes.Store(rounded, Mean + at, left);
                Lanes.Store(squares / V.Of(rows), Variance + at, left);
            }
        }
    }

    private unsafe struct Normalize : IVectorRegion
    {
        public byte* X, Y, Gamma, Beta, Mean, Variance, Rests;
        public int Features;
        public double Epsilon;
        public BlockEpilogue? Epilogue;

        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            nint line = ((nint)Features + V.Count) * V.Size, at = 0;
            byte* scales = (byte*)Scratch.Get(Slot, 2 * line), shifts = scales + line;
            for (int left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
            {
                V scale = Lanes.Load<V>(Gamma + at, left) / V.Sqrt(Lanes.Load<V>(Variance + at, left) + V.Of(Epsilon));
                V.Store(scale, scales + at);
                V.Store(V.Fma(-Lanes.Load<V>(Rests + at, left), scale, Lanes.Load<V>(Beta + at, left)), shifts + at);
            }
            int atOnce = Epilogue is null ? end - begin : Math.Max(1, FinishedAtOnce / Features);
            for (int row = begin; row < end; row += atOnce)
            {
                int rows = Math.Min(atOnce, end - row);
                Rows<V>(row, row + rows, scales, shifts);
                Epilogue?.Finish(row, rows, 0, Features);
            }
        }

        [MethodImpl(Jit.Kernel)]
        private readonly void Rows<V>(int begin, int end, byte* scales, byte* shifts) where V : struct, ILanes<V>
        {
            nint pitch = (nint)Features * V.Size;
            byte* x = X + begin * pitch, y = Y + begin * pitch;
            if (Features <= V.Count)
            {
                V mean = Lanes.Load<V>(Mean, Features), scale = V.Load(scales), shift = V.Load(shifts);
                for (int row = begin; row < end; row++, x += pitch, y += pitch) Lanes.Store(V.Fma(Lanes.Load<V>(x, Features) - mean, scale, shift), y,
                    Features);
                return;
            }
            for (int row = begin; row < end; row++, x += pitch, y += pitch)
            {
                nint at = 0;
                for (int left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
                    Lanes.Store(V.Fma(Lanes.Load<V>(x + at, left) - Lanes.Load<V>(Mean + at, left), V.Load(scales + at), V.Load(shifts + at)), y + at, left);
            }
        }
    }
}

public static partial class TensorOps
{
    extension(Tensor x)
    {
        /// <inheritdoc cref="Ops.BatchNorm"/>
        public (Tensor Y, Tensor Mean, Tensor Variance) BatchNorm(Tensor gamma, Tensor beta, double epsilon = 1e-5)
        {
            Tensors results = new BatchNorm { Epsilon = epsilon }.ApplyAll([x, gamma, beta]);
            return (results[0], results[1], results[2]);
        }

        /// <summary>
        /// Each feature less a known mean, by the root of a known variance, times gamma, plus beta: what batch normalisation does once it is
        /// trained.
        /// </summary>
        public Tensor NormalizeBy(Tensor mean, Tensor variance, Tensor gamma, Tensor beta, double epsilon = 1e-5) =>
            (x - mean) * (gamma / (variance + epsilon).Sqrt()) + beta;
    }
}
