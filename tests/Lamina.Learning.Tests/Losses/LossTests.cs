using Lamina.Learning.Losses;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Learning.Tests.Losses;

public class LossTests
{
    public static TheoryData<Loss> ElementWise => [new MeanSquaredError(), new MeanAbsoluteError(), new Huber(), new BinaryCrossEntropy()];

    [Theory]
    [MemberData(nameof(ElementWise))]
    public void ShapesThatWouldBroadcastAreRefused(Loss loss)
    {
        var e = Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 1)), Tensor.Ones([4])));
        Assert.Equal($"{loss}: the prediction has shape (4, 1), the target (4); they must be equal, so that nothing is broadcast\n  try Unsqueeze(-1) on the target", e.Message);
        Assert.Contains("Squeeze(-1) on the target", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones([4]), Tensor.Ones((4, 1)))).Message);
        Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Ones((1, 3))));
        Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Ones((4, 3), DType.Float64)));
    }

    [Fact]
    public void CrossEntropyRefusesWhatIsNoLabels()
    {
        var loss = new CrossEntropy();
        Assert.Contains("ArgMax(-1) on a one-hot target", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Ones((4, 3)))).Message);
        Assert.Contains("Squeeze(-1) on the target", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Zeros((4, 1), DType.Int64))).Message);
        Assert.Contains("labels are whole numbers", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Zeros([4]))).Message);
        Assert.Contains("BinaryCrossEntropy", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 1)), Tensor.Zeros([4], DType.Int64))).Message);
        Assert.Contains("2 class weights", Assert.Throws<TensorException>(() => new CrossEntropy(classWeights: [1, 2]).Compute(Tensor.Ones((4, 3)), Tensor.Zeros([4], DType.Int64))).Message);
        Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((1, 3)), Tensor.From(3L)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossEntropy(labelSmoothing: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossEntropy(classWeights: [1, -1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Huber(0));
    }

    [Fact]
    public void CrossEntropyFlattensPositions()
    {
        Tensor logits = Tensor.Create<float>((2, 3, 4), x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); });
        Tensor labels = Tensor.From([0L, 1, 2, 3, 0, 1], (2, 3));
        Assert.Equal(new CrossEntropy().Compute(logits.Reshape(6, 4), labels.Reshape(6)).Item(), new CrossEntropy().Compute(logits, labels).Item());
    }
}
