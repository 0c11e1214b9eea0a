using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Ops;

public class Conv2dTests
{
    public static TheoryData<Conv2d, int[], int[]> Cases => new()
    {
        { new Conv2d(), [2, 5, 6, 3], [3, 3, 3, 4] },
        { new Conv2d { PadTop = 1, PadLeft = 2, PadBottom = 0, PadRight = 1, StrideHeight = 2, StrideWidth = 1 }, [1, 6, 7, 2], [2, 3, 2, 3] },
        { new Conv2d { DilationHeight = 2, DilationWidth = 2, PadTop = 2, PadLeft = 2, PadBottom = 2, PadRight = 2 }, [1, 5, 4, 2], [3, 3, 2, 2] },
        { new Conv2d { Groups = 2, PadTop = 1 }, [1, 4, 5, 4], [3, 3, 2, 6] },
        { new Conv2d { Groups = 3, StrideHeight = 2, StrideWidth = 2 }, [2, 6, 5, 3], [3, 3, 1, 3] },
        { new Conv2d(), [2, 3, 3, 5], [1, 1, 5, 2] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void KernelsAgreeWithDefinitions(Conv2d op, int[] image, int[] kernel)
    {
        foreach (DType type in (ReadOnlySpan<DType>)[DType.Float32, DType.Float64])
        {
            Tensor x = Wave(image, type, 1), w = Wave(kernel, type, 2), y = op.Apply(x, w);
            Same(op.Define([x, w])[0], y);
            Tensor by = Wave(y.Shape, type, 3);
            Conv2dInputGradient byInput = ByInput(op, image);
            Same(byInput.Define([by, w])[0], byInput.Apply(by, w));
            Conv2dWeightGradient byWeight = ByWeight(op, kernel);
            Same(byWeight.Define([x, by])[0], byWeight.Apply(x, by));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void GradientsOfGradientsAreThoseOfTheDefinition(Conv2d op, int[] image, int[] kernel)
    {
        Tensor[] Second(Func<Tensor, Tensor, Tensor> convolve)
        {
            Tensor x = Wave(image, DType.Float64, 1).Track(), w = Wave(kernel, DType.Float64, 2).Track();
            Tensor y = convolve(x, w);
            Tensor[] first = Gradient.Of((y * y * y).Sum(), [x, w], null, differentiable: true);
            return Gradient.Of((first[0] * first[0]).Sum() + (first[1] * first[1]).Sum(), [x, w]);
        }
        Tensor[] expected = Second((x, w) => op.Define([x, w])[0]), found = Second((x, w) => op.Apply(x, w));
        Same(expected[0], found[0]);
        Same(expected[1], found[1]);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Tensor x = Tensor.Ones((1, 4, 4, 3));
        Assert.Equal("conv2d: (1, 4, 4, 3) ∗ (3, 3, 4, 2): the image has 3 channels, the kernel takes 4\n  try Transpose(0, 2, 3, 1): channels are the last axis",
            Assert.Throws<TensorException>(() => x.Conv2d(Tensor.Ones((3, 3, 4, 2)))).Message);
        Assert.Contains("the kernel covers 5×5, the image with its padding is only 4×4", Assert.Throws<TensorException>(() => x.Conv2d(Tensor.Ones((5, 5, 3, 2)))).Message);
        Assert.Contains("not (batch, height, width, channels)", Assert.Throws<TensorException>(() => x[0].Conv2d(Tensor.Ones((3, 3, 3, 2)))).Message);
        Assert.Contains("2 groups", Assert.Throws<TensorException>(() => x.Conv2d(Tensor.Ones((3, 3, 3, 2)), groups: 2)).Message);
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

    private static Tensor Wave(Shape shape, DType type, double phase)
    {
        var values = new double[shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = Math.Sin(phase + i * 1.7);
        return Tensor.FromDoubles(values, new Spec(type, shape));
    }

    // Sums of at most a few hundred terms around 1.
    private static void Same(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.Spec, found.Spec);
        double rounding = expected.DType == DType.Float32 ? 256.0 / (1 << 24) : 1e-12;
        double scale = Math.Max(1, Enumerable.Range(0, expected.Count).Max(i => Math.Abs(expected.Element(i))));
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected.Element(i), found.Element(i), rounding * scale);
    }
}
