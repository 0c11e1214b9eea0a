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

    [Theory]
    [InlineData(double.PositiveInfinity, 1, 0)]
    [InlineData(double.NegativeInfinity, 0, 0)]
    [InlineData(double.PositiveInfinity, 0.9, double.PositiveInfinity)]
    [InlineData(16, 1, 1.12535168e-7)]
    [InlineData(-20, 0, 2.06115362e-9)]
    [InlineData(-2, 0.75, 1.62692801)]
    public void BinaryCrossEntropyOfConfidentLogits(double logit, double target, double loss)
    {
        // 41 of them: the mean of equal numbers is the number.
        Tensor x = Tensor.Full((41, 1), logit), y = Tensor.Full((41, 1), target);
        double mean = new BinaryCrossEntropy().Compute(x, y).Item();
        Assert.True(mean == loss || Math.Abs(mean - loss) <= 1e-6 * loss, $"{mean}");
    }

    [Theory]
    [MemberData(nameof(ElementWise))]
    public void LossesDontDependOnTheNumberOfEqualExamples(Loss loss)
    {
        double one = loss.Compute(Tensor.Full((1, 1), 0.75), Tensor.Full((1, 1), 0.25)).Item();
        for (int n = 1; n < 200; n++) Assert.Equal(one, loss.Compute(Tensor.Full((n, 1), 0.75), Tensor.Full((n, 1), 0.25)).Item(), one * 1e-6);
    }

    [Theory]
    [InlineData(3e38)]
    [InlineData(1e30)]
    [InlineData(double.PositiveInfinity)]
    public void HuberPullsNoHarderThanDeltaFarAway(double far)
    {
        Tensor x = Tensor.From((float)far, -(float)far).Track(), loss = new Huber(2).Compute(x, Tensor.Zeros([2]));
        Assert.Equal((float)(2 * (float)far), (float)loss.Item());
        Assert.Equal([1f, -1f], Lamina.Tensors.Gradients.Gradient.Of(loss, [x])[0].ToArray<float>());
    }

    [Fact]
    public void CrossEntropyRefusesWhatIsNoLabels()
    {
        var loss = new CrossEntropy();
        Assert.Contains("ArgMax(-1) on a one-hot target", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Zeros((4, 3), DType.Int64))).Message);
        Assert.Contains("BinaryCrossEntropy", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 1)), Tensor.Ones((4, 1)))).Message);
        Assert.Contains("2 class weights", Assert.Throws<TensorException>(() => new CrossEntropy(classWeights: [1, 2]).Compute(Tensor.Ones((4, 3)), Tensor.Ones((4, 3)))).Message);
        Assert.Contains("Squeeze(-1) on the target", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Zeros((4, 1), DType.Int64))).Message);
        Assert.Contains("labels are whole numbers", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 3)), Tensor.Zeros([4]))).Message);
        Assert.Contains("BinaryCrossEntropy", Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((4, 1)), Tensor.Zeros([4], DType.Int64))).Message);
        Assert.Contains("2 class weights", Assert.Throws<TensorException>(() => new CrossEntropy(classWeights: [1, 2]).Compute(Tensor.Ones((4, 3)), Tensor.Zeros([4], DType.Int64))).Message);
        Assert.Throws<TensorException>(() => loss.Compute(Tensor.Ones((1, 3)), Tensor.From(3L)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossEntropy(labelSmoothing: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossEntropy(classWeights: [1, -1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Huber(0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void CrossEntropyOfOneHotTargetsIsThatOfLabels(double smoothing)
    {
        Tensor logits = Tensor.Create<float>((2, 3, 4), x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); });
        Tensor labels = Tensor.From([0L, 1, 2, 3, 0, 1], (2, 3)), hot = labels.OneHot(4, DType.Float32), weights = Tensor.From(1f, 3f);
        var loss = new CrossEntropy(smoothing);
        Assert.Equal(loss.Compute(logits, labels).Item(), loss.Compute(logits, hot).Item(), 1e-6);
        Assert.Equal(loss.Measure(logits, labels, weights).Mean.Item(), loss.Measure(logits, hot, weights).Mean.Item(), 1e-6);
        Assert.Equal(loss.Measure(logits, labels, weights).Weight!.Item(), loss.Measure(logits, hot, weights).Weight!.Item(), 1e-6);
    }

    [Fact]
    public void CrossEntropyFlattensPositions()
    {
        Tensor logits = Tensor.Create<float>((2, 3, 4), x => { for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i); });
        Tensor labels = Tensor.From([0L, 1, 2, 3, 0, 1], (2, 3));
        Assert.Equal(new CrossEntropy().Compute(logits.Reshape(6, 4), labels.Reshape(6)).Item(), new CrossEntropy().Compute(logits, labels).Item());
    }
}
