using Lamina.Tensors.Engines.Cpu.Windows;
using Lamina.Tensors.Engines.Cpu.Winograd;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

/// <summary>
/// What the roundings of a convolution are relative to where it is done by Winograd's filtering: the same transforms on
/// absolute values, |Aᵀ| · [Σ (|G|·|g|·|Gᵀ|) ⊙ (|Bᵀ|·|d|·|B|)] · |A|, and so for gradients. Terms that cancel in the transforms make it larger than
/// the sum of |g|·|d|: up to 8 times for each axis that is transformed, at the first pixel of a tile.
/// </summary>
internal static class WinogradMagnitude
{
    // At the points 0, ∞, a, −a, b, −b: see IWinograd.
    private const double A = WinogradChoice.A, B = WinogradChoice.B;

    /// <summary>The absolute values of a filtering's Bᵀ, G and A.</summary>
    private sealed record Filtering(double[,] Window, double[,] Weight, double[,] Tile)
    {
        /// <summary>Results of a tile along an axis.</summary>
        public int Results => Tile.GetLength(1);

        /// <summary>For pixel u of a tile's axis and tap t: how many times |g| · |d| counts, for each of the pixels d that the axis sees.</summary>
        public double Share(int u, int tap, int pixel)
        {
            double sum = 0;
            for (int p = 0; p < Window.GetLength(0); p++) sum += Tile[p, u] * Weight[p, tap] * Window[p, pixel];
            return sum;
        }
    }

    private static readonly Filtering s_two = new(
        new double[,] { { 1, 0, 1, 0 }, { 0, 1, 0, 1 }, { 0, 1, 1, 0 }, { 0, 1, 1, 0 } },
        new double[,] { { 1, 0, 0 }, { 0, 0, 1 }, { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 } },
        new double[,] { { 1, 0 }, { 0, 1 }, { 1, 1 }, { 1, 1 } });

    private static readonly Filtering s_four = new(new double[,]
    {
        { A * A * B * B, 0, A * A + B * B, 0, 1, 0 }, { 0, A * A * B * B, 0, A * A + B * B, 0, 1 }, { 0, A * B * B, B * B, A, 1, 0 }, { 0, A * B * B, B * B, A, 1, 0 },
        { 0, A * A * B, A * A, B, 1, 0 }, { 0, A * A * B, A * A, B, 1, 0 },
    }, Scaled(
        new double[,] { { 1, 0, 0 }, { 0, 0, 1 }, { 1, A, A * A }, { 1, A, A * A }, { 1, B, B * B }, { 1, B, B * B } },
        [WinogradChoice.NormZero, 1, -WinogradChoice.NormA, -WinogradChoice.NormA, WinogradChoice.NormB, WinogradChoice.NormB]),
        new double[,] { { 1, 0, 0, 0 }, { 0, 0, 0, 1 }, { 1, A, A * A, A * A * A }, { 1, A, A * A, A * A * A }, { 1, B, B * B, B * B * B }, { 1, B, B * B, B * B * B } });

    private static double[,] Scaled(double[,] rows, double[] norms)
    {
        for (int i = 0; i < rows.GetLength(0); i++)
            for (int j = 0; j < rows.GetLength(1); j++) rows[i, j] /= norms[i];
        return rows;
    }

    /// <summary>True where the kernel of an op on these operands is Winograd's.</summary>
    public static bool Applies(Op op, Specs x) => Geometry(op, x) is var s && (WinogradChoice.SuitsSquare(s) || WinogradChoice.SuitsLine(s) || WinogradChoice.SuitsPair(s));

    /// <summary>
    /// The terms that at most 18 roundings in the transforms on the way (4 of the window, 8 of the weights, 6 of the result, or of dy
    /// where that is known) and the sum over one plane make.
    /// </summary>
    public static int Terms(Op op, Specs x)
    {
        ConvShape s = Geometry(op, x);
        int tiles = s.Batch * s.OutPixels / 4, sum = op switch { Conv2d => s.InChannels, Conv2dInputGradient => s.OutChannels, Conv2dGradients => Math.Max(s.OutChannels, tiles), _ => tiles };
        return (int)Math.Ceiling(Math.Pow(4 + Math.Sqrt(sum), 2));
    }

    /// <summary>The results of the transforms on absolute values.</summary>
    public static Tensors Of(Op op, Tensors x)
    {
        ConvShape s = Geometry(op, x.Specs);
        double[][] values = [.. x.Items.Select(t => t.Abs().ToArray<double>())];
        Specs results = op.Infer(x.Specs);
        var to = new double[results.Count][];
        for (int i = 0; i < to.Length; i++) to[i] = new double[results[i].Shape.Count];
        if (op is not Conv2dGradients) Walk(op, s, (seen, made, pair, share) =>
        {
            if (op is Conv2dWeightGradient) to[0][pair] += share * values[0][seen] * values[1][made];
            else to[0][made] += share * values[0][seen] * values[1][pair];
        });
        else Walk(op, s, (seen, made, pair, share) =>
        {
            to[0][seen] += share * values[1][pair] * values[2][made];
            to[1][pair] += share * values[0][seen] * values[2][made];
        });
        return new([.. to.Select((t, i) => Tensor.From(t, results[i].Shape))]);
    }

    /// <summary>Calls back with the element of a window, of a tile and of the weights that meet, and how much they count.</summary>
    private static void Walk(Op op, ConvShape s, Action<int, int, int, double> visit)
    {
        // dx is the convolution of dy by the turned weights; its tiles lie on x.
        bool turned = op is Conv2dInputGradient, square = s.KernelHeight == 3;
        int rows = turned ? s.Height : s.OutHeight, columns = turned ? s.Width : s.OutWidth, height = turned ? s.OutHeight : s.Height, width = turned ? s.OutWidth : s.Width;
        int top = turned ? s.SpanH - 1 - s.PadTop : s.PadTop, left = turned ? s.SpanW - 1 - s.PadLeft : s.PadLeft, d = s.DilationW;
        Filtering by = WinogradChoice.SuitsPair(s) ? s_two : s_four;
        for (int n = 0; n < s.Batch; n++)
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                    for (int i = 0; i < (square ? 6 : 1); i++)
                        for (int j = 0; j < by.Results + 2; j++)
                        {
                            int u = row % 4, v = column / d % by.Results, y = (square ? row - u + i : row) - top, z = column - v * d + j * d - left;
                            if (y < 0 || y >= height || z < 0 || z >= width) continue;
                            for (int tap = 0; tap < s.KernelHeight * 3; tap++)
                            {
                                double share = (square ? by.Share(u, tap / 3, i) : 1) * by.Share(v, tap % 3, j);
                                int weight = turned ? s.KernelHeight * 3 - 1 - tap : tap;
                                for (int ci = 0; ci < s.InChannels; ci++)
                                    for (int co = 0; co < s.OutChannels; co++)
                                    {
                                        int seen = ((n * height + y) * width + z) * (turned ? s.OutChannels : s.InChannels) + (turned ? co : ci);
                                        int made = ((n * rows + row) * columns + column) * (turned ? s.InChannels : s.OutChannels) + (turned ? ci : co);
                                        visit(seen, made, (weight * s.InChannels + ci) * s.OutChannels + co, share);
                                    }
                            }
                        }
    }

    private static ConvShape Geometry(Op op, Specs x)
    {
        var c = (ConvolutionOp)op;
        (Shape image, Shape kernel) = op switch
        {
            Conv2d or Conv2dGradients => (x[0].Shape, x[1].Shape),
            Conv2dInputGradient => (op.Infer(x)[0].Shape, x[1].Shape),
            _ => (x[0].Shape, op.Infer(x)[0].Shape),
        };
        return new(
            image[0], image[1], image[2], image[3], kernel[0], kernel[1], kernel[3], c.StrideHeight, c.StrideWidth,
            c.PadTop, c.PadLeft, c.PadBottom, c.PadRight, c.DilationHeight, c.DilationWidth, c.Groups);
    }
}
