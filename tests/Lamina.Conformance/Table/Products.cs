using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Conformance;

using Lamina.Tensors;

// Matrix products and convolutions.
internal static partial class Table
{
    private static IEnumerable<Row> Products() => [MatMul(), WeightedSum(), Conv2d(), Conv2dInputGradient(), Conv2dWeightGradient(), Conv2dGradients(), Conv1d()];

    // Multiplications for each element of the result, the smallest where there are several; a fused multiplication and addition rounds once.
    private static int ProductTerms(Op op, Specs x)
    {
        long smallest = long.MaxValue;
        foreach (Spec result in op.Infer(x)) smallest = Math.Min(smallest, result.Shape.Count);
        return (int)(op.MultiplyAdds(x) / Math.Max(1, smallest));
    }

    private static Row MatMul()
    {
        Case Of(Shape a, Shape b) => new(new MatMul(), In(a), In(b));
        return new("matmul")
        {
            Cases = [Of([2, 3], [3, 4]), Of([7, 13], [13, 5]), Of([3, 2, 5], [3, 5, 4]), Of([2, 3, 2, 5], [5, 2]), Of([2, 1, 3, 4], [3, 4, 2]), Of([1, 17], [17, 1]), Of([17, 1], [1, 19])],
            Edges = [Of([1, 1], [1, 1]), Of([2, 0], [0, 3]), Of([0, 2], [2, 3]), Of([2, 3], [3, 0]), Of([0, 2, 3], [3, 4])],
            Large = [Of([65, 130], [130, 67]), Of([5, 33, 40], [40, 70]), Of([200, 64], [64, 16])],
            Refused = [Of([2, 3], [4, 2]), Of([3], [3, 2]), Of([2, 3], [3]), Of([], []), Of([2, 2, 3], [3, 3, 2])],
            Bound = Bound.Accumulated(ProductTerms),
            Recorded = Libtorch("matmul", (a, x) => (a.Is("transposeA") ? x[0].T : x[0]).MatMul(a.Is("transposeB") ? x[1].T : x[1])),
        };
    }

    private static Row WeightedSum()
    {
        // The zeros of the weights come from a mask, and behind them may be anything.
        Case Of(Shape a, Shape b, bool both = false) => new(new WeightedSum { Both = both }, In(a), In(b));
        Case Hidden(Shape a, Shape b, double value, bool both = false)
        {
            Draw weights = (r, count) => [.. Draws.Signed(r, count).Select((x, i) => i % a[^1] % 3 == 1 ? 0 : x)];
            Draw values = (r, count) => [.. Draws.Signed(r, count).Select((x, i) => i / b[^1] % b[^2] % 3 == 1 ? value : x)];
            return new(new WeightedSum { Both = both }, In(a, weights), In(b, values)) { IsSmooth = false };
        }
        return new("weighted_sum")
        {
            Cases =
            [
                Of([2, 3], [3, 4]), Of([7, 13], [13, 5], both: true), Of([3, 2, 5], [3, 5, 4]), Of([2, 3, 2, 5], [2, 3, 5, 2]),
                Hidden([2, 3, 2, 5], [2, 3, 5, 4], double.NaN), Hidden([2, 7], [7, 3], double.PositiveInfinity), Hidden([2, 7], [7, 3], double.NegativeInfinity, both: true),
            ],
            Edges = [Of([1, 1], [1, 1]), Of([2, 0], [0, 3]), Of([0, 2], [2, 3]), Of([2, 3], [3, 0]), Of([0, 2, 3], [0, 3, 4])],
            Large = [Of([65, 130], [130, 67]), Of([5, 33, 40], [5, 40, 70])],
            Refused = [Of([2, 3], [4, 2]), Of([3], [3, 2]), Of([2, 3], [3]), Of([], []), Of([2, 2, 3], [3, 2])],
            // What has no part is no number, whose size is none.
            Bound = new(2) { Terms = ProductTerms, Magnitude = (op, x) => op.Define(Bound.Each(x, y => y.Abs())) },
        };
    }

    // Accumulated, but where the kernel is Winograd's its transforms take part.
    private static readonly Bound s_convolved = new(2)
    {
        Terms = (op, x) => WinogradMagnitude.Applies(op, x) ? WinogradMagnitude.Terms(op, x) : ProductTerms(op, x),
        Magnitude = (op, x) => WinogradMagnitude.Applies(op, x.Specs) ? WinogradMagnitude.Of(op, x) : op.Define(Bound.Each(x, y => y.Abs())),
    };

    private static readonly Conv2d s_padded = new() { PadTop = 1, PadLeft = 1, PadBottom = 1, PadRight = 1 };
    private static readonly Conv2d s_uneven = new() { StrideHeight = 2, PadTop = 1, PadLeft = 2, PadRight = 1, DilationWidth = 2 };

    /// <summary>The settings that a convolution has, with images and kernels that suit them.</summary>
    private static readonly (Conv2d Op, Shape Image, Shape Kernel)[] s_convolutions =
    [
        (new(), [2, 4, 3, 3], [3, 2, 3, 2]), (s_padded, [1, 4, 5, 2], [3, 3, 2, 3]), (s_padded with { StrideHeight = 2, StrideWidth = 2 }, [1, 5, 4, 2], [3, 3, 2, 3]),
        (new(), [2, 3, 2, 3], [1, 1, 3, 5]), (new() { StrideHeight = 2, StrideWidth = 2 }, [1, 5, 4, 3], [1, 1, 3, 2]), (s_uneven, [1, 5, 6, 2], [2, 3, 2, 3]),
        (s_padded with { Groups = 2 }, [1, 3, 3, 4], [3, 3, 2, 4]), (s_padded with { Groups = 3 }, [1, 4, 3, 3], [3, 3, 1, 3]), (new() { Groups = 2 }, [1, 3, 3, 2], [2, 2, 1, 4]),
    ];

    private static readonly (Conv2d Op, Shape Image, Shape Kernel)[] s_largeConvolutions =
    [
        (s_padded, [2, 17, 16, 8], [3, 3, 8, 16]), (new(), [3, 14, 15, 24], [1, 1, 24, 20]), (s_padded with { Groups = 16 }, [2, 15, 17, 16], [3, 3, 1, 16]),
        // Winograd's: sizes that are no multiples of a tile, channels of no vector; images smaller than a unit; lines, plain and dilated.
        (new() { PadTop = 1, PadRight = 2 }, [3, 11, 14, 20], [3, 3, 20, 12]), (s_padded, [9, 8, 8, 16], [3, 3, 16, 32]),
        (new() { PadTop = 2, PadBottom = 1, PadLeft = 1 }, [8, 9, 16, 20], [3, 3, 20, 12]), (new(), [17, 10, 14, 16], [3, 3, 16, 16]),
        (new(), [5, 3, 30, 32], [1, 3, 32, 32]), (new() { PadRight = 1 }, [5, 3, 30, 32], [1, 3, 32, 16]), (new() { PadLeft = 4, PadRight = 4, DilationWidth = 4 }, [8, 1, 70, 32], [1, 3, 32, 40]),
        (new() { PadLeft = 8, DilationWidth = 4 }, [8, 1, 70, 32], [1, 3, 32, 40]),
        (new() { PadTop = 1, PadLeft = 2 }, [8, 3, 30, 24], [1, 3, 24, 32]),
        // From one channel to a few; to and from images of few channels.
        (new() { PadTop = 2, PadLeft = 2, PadBottom = 2, PadRight = 2 }, [5, 13, 19, 1], [5, 5, 1, 6]), (new() { StrideHeight = 2, DilationHeight = 2 }, [2, 13, 37, 1], [3, 2, 1, 3]),
        (new(), [18, 5, 20, 1], [2, 5, 1, 8]), (s_padded, [2, 4, 33, 1], [3, 3, 1, 5]),
        // Few terms: to one vector of channels, and to three.
        (s_padded, [2, 9, 14, 3], [3, 3, 3, 16]), (new() { StrideWidth = 2, DilationHeight = 2 }, [3, 11, 29, 1], [3, 3, 1, 48]),
        (new() { PadTop = 1, PadLeft = 3 }, [5, 11, 12, 6], [5, 5, 6, 16]), (new() { StrideHeight = 2, StrideWidth = 3, PadRight = 2, DilationHeight = 2 }, [4, 12, 19, 3], [4, 6, 3, 10]),
    ];

    private static readonly (Conv2d Op, Shape Image, Shape Kernel)[] s_edgeConvolutions = [(new(), [1, 1, 1, 1], [1, 1, 1, 1]), (s_padded, [0, 3, 3, 2], [3, 3, 2, 4]), (new(), [2, 3, 3, 2], [3, 3, 2, 0])];

    private static readonly (Conv2d Op, Shape Image, Shape Kernel)[] s_wrongConvolutions =
    [
        (new(), [1, 5, 5, 3], [3, 3, 4, 2]), (new(), [5, 5, 3], [3, 3, 3, 2]), (new(), [1, 5, 5, 3], [3, 3, 3]), (new(), [1, 2, 5, 3], [3, 3, 3, 2]), (new() { Groups = 2 }, [1, 5, 5, 3], [3, 3, 3, 2]),
        (new() { StrideWidth = 0 }, [1, 5, 5, 3], [3, 3, 3, 2]), (new() { DilationHeight = -1 }, [1, 5, 5, 3], [3, 3, 3, 2]), (new() { PadTop = -1 }, [1, 5, 5, 3], [3, 3, 3, 2]), (new() { Groups = 0 }, [1, 5, 5, 3], [3, 3, 3, 2]),
    ];

    private static Shape Result(Conv2d op, Shape image, Shape kernel) => op.Infer([new Spec(DType.Float32, image), new Spec(DType.Float32, kernel)])[0].Shape;

    private static Row Conv2d()
    {
        static Case Of((Conv2d Op, Shape Image, Shape Kernel) c) => new(c.Op, In(c.Image), In(c.Kernel));
        return new("conv2d")
        {
            Cases = [.. s_convolutions.Select(Of)], Edges = [.. s_edgeConvolutions.Select(Of)], Large = [.. s_largeConvolutions.Select(Of)], Refused = [.. s_wrongConvolutions.Select(Of)],
            Bound = s_convolved,
            Recorded = Libtorch("conv2d", (a, x) => x[0].Conv2d(x[1], a.Pair("stride"), a.Padding("padding"), a.Pair("dilation"), a.Int("groups"))),
        };
    }

    private static Row Conv2dInputGradient()
    {
        static Case Of((Conv2d Op, Shape Image, Shape Kernel) c) => new(ByInput(c.Op, c.Image), In(Result(c.Op, c.Image, c.Kernel)), In(c.Kernel));
        Conv2dInputGradient five = ByInput(new(), [1, 5, 5, 3]);
        return new("conv2d_input_gradient")
        {
            Cases = [.. s_convolutions.Select(Of)], Edges = [.. s_edgeConvolutions.Select(Of)], Large = [.. s_largeConvolutions.Select(Of)],
            Refused = [new(five, In([1, 5, 5, 2]), In([3, 3, 3, 2])), new(five, In([3, 3, 2]), In([3, 3, 3, 2])), new(five, In([1, 3, 3, 4]), In([3, 3, 3, 2])), new(five, In([1, 3, 3, 2]), In([9, 3, 3, 2]))],
            Bound = s_convolved,
        };
    }

    private static Row Conv2dWeightGradient()
    {
        static Case Of((Conv2d Op, Shape Image, Shape Kernel) c) => new(ByWeight(c.Op, c.Kernel), In(c.Image), In(Result(c.Op, c.Image, c.Kernel)));
        Conv2dWeightGradient three = ByWeight(new(), [3, 3, 3, 2]);
        return new("conv2d_weight_gradient")
        {
            Cases = [.. s_convolutions.Select(Of)], Edges = [.. s_edgeConvolutions.Select(Of)], Large = [.. s_largeConvolutions.Select(Of)],
            Refused = [new(three, In([1, 5, 5, 3]), In([1, 5, 5, 2])), new(three, In([5, 5, 3]), In([1, 3, 3, 2])), new(three, In([2, 5, 5, 3]), In([1, 3, 3, 2])), new(three, In([1, 2, 2, 3]), In([1, 1, 1, 2]))],
            Bound = s_convolved,
        };
    }

    private static Row Conv2dGradients()
    {
        static Case Of((Conv2d Op, Shape Image, Shape Kernel) c) => new(Gradients(c.Op), In(c.Image), In(c.Kernel), In(Result(c.Op, c.Image, c.Kernel)));
        return new("conv2d_gradients")
        {
            Cases = [.. s_convolutions.Select(Of)], Edges = [.. s_edgeConvolutions.Select(Of)], Large = [.. s_largeConvolutions.Select(Of)],
            Refused = [.. s_wrongConvolutions.Select(c => new Case(Gradients(c.Op), In(c.Image), In(c.Kernel), In([1, 3, 3, 2]))), new(Gradients(new()), In([1, 5, 5, 3]), In([3, 3, 3, 2]), In([1, 3, 4, 2]))],
            Bound = s_convolved,
            Smoothness = Smoothness.None,
        };
    }

    private static Conv2dInputGradient ByInput(Conv2d op, Shape image) => new()
    {
        StrideHeight = op.StrideHeight, StrideWidth = op.StrideWidth, PadTop = op.PadTop, PadLeft = op.PadLeft, PadBottom = op.PadBottom, PadRight = op.PadRight,
        DilationHeight = op.DilationHeight, DilationWidth = op.DilationWidth, Groups = op.Groups, InputHeight = image[1], InputWidth = image[2],
    };

    private static Conv2dWeightGradient ByWeight(Conv2d op, Shape kernel) => new()
    {
        StrideHeight = op.StrideHeight, StrideWidth = op.StrideWidth, PadTop = op.PadTop, PadLeft = op.PadLeft, PadBottom = op.PadBottom, PadRight = op.PadRight,
        DilationHeight = op.DilationHeight, DilationWidth = op.DilationWidth, Groups = op.Groups, KernelHeight = kernel[0], KernelWidth = kernel[1],
    };

    private static Conv2dGradients Gradients(Conv2d op) => new()
    {
        StrideHeight = op.StrideHeight, StrideWidth = op.StrideWidth, PadTop = op.PadTop, PadLeft = op.PadLeft, PadBottom = op.PadBottom, PadRight = op.PadRight,
        DilationHeight = op.DilationHeight, DilationWidth = op.DilationWidth, Groups = op.Groups,
    };

    // A sequence is an image of one row.
    private static Row Conv1d()
    {
        static Tensor Call(Tensor x, Tensor w, int stride, int left, int right, int dilation, int groups) =>
            x.Unsqueeze(1).Conv2d(w.Unsqueeze(0), (1, stride), (0, left, 0, right), (1, dilation), groups).Squeeze(1);
        return Composed("conv1d", x => Call(x[0], x[1], 2, 1, 1, 1, 1), Bound.ToLargest(2, (_, x) => x[1].Shape.Count), [[In([2, 9, 3]), In([3, 3, 4])]], [[In([1, 1, 1]), In([1, 1, 1])], [In([0, 5, 2]), In([3, 2, 2])]], [In([3, 130, 8]), In([5, 8, 16])])
            with { Recorded = Libtorch("conv1d", (a, x) => Call(x[0], x[1], a.Int("stride"), a.Ints("padding")[0], a.Ints("padding")[1], a.Int("dilation"), a.Int("groups"))) };
    }
}
