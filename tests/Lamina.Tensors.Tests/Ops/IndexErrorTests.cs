using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Ops;

/// <summary>A wrong index is an error that names the value, its position and the valid range.</summary>
public class IndexErrorTests
{
    private static readonly Tensor X = Tensor.Ones((2, 5, 3));

    private static void Refuses(string message, Func<object> call) => Assert.Equal(message, Assert.Throws<TensorException>(call).Message);

    [Fact]
    public void Gather() => Refuses("gather: index 5 at (0, 0, 2) is out of range 0 to 4: axis 1 of (2, 5, 3)",
        () => X.Gather(1, Tensor.From([0L, 1, 5, 0, 0, 0], (2, 1, 3))));

    [Fact]
    public void ScatterAdd() => Refuses("scatter_add: index 9 at (0, 0, 0) is out of range 0 to 2: axis 2 of (2, 5, 3)",
        () => X.ScatterAdd(2, Tensor.From([9L], (1, 1, 1)), Tensor.Zeros((1, 1, 1))));

    [Fact]
    public void Rows() => Refuses("rows: index -1 at (1) is out of range 0 to 1: axis 0 of (2, 5, 3)\n  try counting from 0; negative ones don't count from the end here",
        () => X.Rows(Tensor.From(0, -1)));

    [Fact]
    public void ScatterRows() => Refuses("scatter_rows: index 7 at (1) is out of range 0 to 4: axis 0 of (5, 5, 3)",
        () => X.ScatterRows(Tensor.From(0, 7), 5));

    [Fact]
    public void OneHot() => Refuses("one_hot: class 3 at (0, 1) is out of range 0 to 2: axis 2 of (1, 2, 3)",
        () => Tensor.From([0, 3], (1, 2)).OneHot(3));

    [Fact]
    public void CrossEntropy() => Refuses("cross_entropy: label 7 at (1) is out of range 0 to 4: axis 1 of (2, 5)\n  try labels from 0 on (subtract 1 where they begin with 1), or a last layer of 8 outputs or more",
        () => Tensor.Ones((2, 5)).CrossEntropy(Tensor.From(0L, 7)));

    [Fact]
    public void MaxPool2d_GivesTheGradientToTheFirstOfEquals()
    {
        var op = new MaxPool2d { KernelHeight = 2, KernelWidth = 2, StrideHeight = 2, StrideWidth = 2, KeepsIndices = true };
        Tensor x = Tensor.From([1f, 3, 3, 3], (1, 2, 2, 1)), gradient = MaxPool2dGradient.Of(op, x.Shape).Apply(op.ApplyAll([x])[1], Tensor.Of(5f).Reshape(1, 1, 1, 1));
        Assert.Equal([0f, 5, 0, 0], gradient.ToArray<float>());
    }

    [Fact]
    public void CrossEntropy_HasPyTorchsMeaningOfSmoothingAndWeights()
    {
        // torch.nn.functional.cross_entropy(x, y, weight, label_smoothing=0.1, reduction='none'), by its formula.
        Tensor logits = Tensor.From([1.0, 2, 3], (1, 3)), weights = Tensor.From(0.5, 1, 2);
        double sum = Math.Exp(-2) + Math.Exp(-1) + 1, log0 = -2 - Math.Log(sum), log1 = -1 - Math.Log(sum), log2 = -Math.Log(sum);
        double expected = 0.9 * -log1 + 0.1 / 3 * -(0.5 * log0 + log1 + 2 * log2);
        Assert.Equal(expected, logits.CrossEntropy(Tensor.From(1L), 0.1, weights).Element(0), 12);
    }
}
