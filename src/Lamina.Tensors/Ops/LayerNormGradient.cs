using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Engines.Cpu.Reductions;
using Lamina.Tensors.Engines.Cpu.Vectors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>
/// (x, gamma, dy) → (dx, dgamma, dbeta): the gradients of <see cref="LayerNorm"/>. Where a second gradient may be taken,
/// <see cref="LayerNorm"/> uses tensor ops instead.
/// </summary>
public sealed record LayerNormGradient : Normalization
{
    public override string Name => "layer_norm_gradient";

    public override bool IsDifferentiable => false;

    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 3);
        Check(x, ["gamma"]);
        RequireLike(x[0], x[2]);
        return [x[0], PerFeature(x[0]), PerFeature(x[0])];
    }

    public override Tensors Define(Tensors x) => Compose(x[0], x[1], x[2], Epsilon);

    internal static Tensors Compose(Tensor x, Tensor gamma, Tensor by, double epsilon)
    {
        Tensor standard = LayerNorm.Standardised(x, epsilon, out Tensor scale), weighted = by.Times(gamma);
        Tensor dx = (weighted - weighted.Mean([-1], keepDims: true) - weighted.Times(standard).Mean([-1], keepDims: true).Times(standard)).Times(scale);
        return [dx, by.Times(standard).SumTo(gamma.Shape), by.SumTo(gamma.Shape)];
    }

    public override long Workspace(Specs x) => TwoSums(x[0]);

    public override unsafe void Run(in CpuCall c)
    {
        (int rows, int columns) = Matrix(c[0].Shape);
        var blocks = new RowBlocks(rows, columns);
        byte* gammas = (byte*)c.Workspace, betas = gammas + (nint)blocks.Count * columns * c[0].DType.Size;
        VectorRegion.For(c.Pool, c[0].DType, blocks.Count, 1, new Body
        {
            X = (byte*)c[0].Data, Gamma = (byte*)c[1].Data, By = (byte*)c[2].Data, To = (byte*)c.Output.Data, Gammas = gammas, Betas = betas,
            Blocks = blocks, Features = columns, Epsilon = Epsilon, Streams = Lanes.Streams(c.Output, columns),
        });
        AddBlocks(c, blocks.Count, columns, gammas, c.Outputs[1]);
        AddBlocks(c, blocks.Count, columns, betas, c.Outputs[2]);
    }

    /// <summary>A unit is a block of rows: their dx, and their part of dgamma and dbeta.</summary>
    private unsafe struct Body : IVectorRegion
    {
        public byte* X, Gamma, By, To, Gammas, Betas;
        public RowBlocks Blocks;
        public int Features;
        public double Epsilon;
        public bool Streams;

        [MethodImpl(Jit.Kernel)]
        public readonly void Run<V>(int begin, int end) where V : struct, ILanes<V>
        {
            V lead = RowSums.Lead<V>(Features % V.Count);
            nint pitch = (nint)Features * V.Size;
            for (int block = begin; block < end; block++)
            {
                byte* gammas = Gammas + block * pitch, betas = Betas + block * pitch;
                new Span<byte>(gammas, (int)pitch).Clear();
                new Span<byte>(betas, (int)pitch).Clear();
                int first = block * Blocks.Size, stop = first + Blocks.RowsOf(block);
                for (int row = first; row < stop; row += 2) Rows(row * pitch, row + 1 < stop ? pitch : 0, gammas, betas, lead, false);
            }
        }

        /// <summary>
        /// Two rows, <paramref name="pitch"/> bytes apart; with 0 it is one. Rows whose sums are no numbers are done one by one (<paramref name="alone"/>): one
        /// whose dy are all 0 gives none.
        /// </summary>
        [MethodImpl(Jit.Kernel)]
        private readonly void Rows<V>(nint offset, nint pitch, byte* gammas, byte* betas, V lead, bool alone) where V : struct, ILanes<V>
        {
            byte* x = X + offset, by = By + offset, to = To + offset;
            RowScale<V> first = default, second = default;
            NormRows.Measure(x, x + pitch, Features, Epsilon, lead, ref first, ref second);
            NormRows.Sums(x, by, pitch, Gamma, Features, ref first, ref second);
            V check = (first.Level + first.Slope + second.Level + second.Slope + first.Scale + second.Scale) * V.Of(0);
            if (!alone && V.Any(V.Not(V.Equal(check, V.Of(0)))))
            {
                OneByOne(offset, pitch, gammas, betas, lead);
                return;
            }
            V mean = first.Mean, scale = first.Scale, shift = first.Shift, level = first.Level, slope = first.Slope;
            V otherMean = second.Mean, otherScale = second.Scale, otherShift = second.Shift, otherLevel = second.Level, otherSlope = second.Slope;
            V both = V.Less(V.Of(0), V.Of(pitch));
            nint at = 0;
            for (int left = Features; left > 0; left -= V.Count, at += V.Count * V.Size)
            {
                V gamma = Lanes.Load<V>(Gamma + at, left);
                V dy = Lanes.Load<V>(by + at, left), standard = V.Fma(Lanes.Load<V>(x + at, left) - mean, scale, shift);
                V otherDy = Lanes.Load<V>(by + pitch + at, left),
                    otherStandard = V.Fma(Lanes.Load<V>(x + pitch + at, left) - otherMean, otherScale, otherShift);
                Lanes.Store((V.Fma(dy, gamma, -level) - standard * slope) * scale, to + at, left, Streams);
                Lanes.Store((V.Fma(otherDy, gamma, -otherLevel) - otherStandard * otherSlope) * otherScale, to + pitch + at, left, Streams);
                otherDy = V.Select(both, otherDy, V.Of(0));
                Lanes.Store(V.Fma(dy, standard, V.Fma(otherDy, otherStandard, Lanes.Load<V>(gammas + at, left))), gammas + at, left);
                Lanes.Store(dy + (otherDy + Lanes.Load<V>(betas + at, left)), betas + at, left);
            }
        }

        private readonly void OneByOne<V>(nint offset, nint pitch, byte* gammas, byte* betas, V lead) where V : struct, ILanes<V>
        {
            for (int i = 0; i < (pitch > 0 ? 2 : 1); i++, offset += pitch)
            {
                bool used = false;
                nint at = 0;
                for (int left = Features; left > 0; left -= V.Count,
                    at += V.Count * V.Size) used |= V.Any(V.Not(V.Equal(Lanes.Load<V>(By + offset + at, left), V.Of(0))));
                if (used) Rows(offset, 0, gammas, betas, lead, true);
                else new Span<byte>(To + offset, Features * V.Size).Clear();
            }
        }
    }
}
