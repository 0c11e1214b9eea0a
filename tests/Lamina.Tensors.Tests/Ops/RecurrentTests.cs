using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Tensors.Tests.Ops;

public class RecurrentTests
{
    // One sequence has a way of its own where hidden units fill vectors, with its inputs ahead of its states from eight steps on.
    [Theory]
    [InlineData(1, 5, 64)]
    [InlineData(7, 3, 32)]
    [InlineData(8, 16, 32)]
    [InlineData(21, 7, 96)]
    [InlineData(9, 0, 32)]
    [InlineData(5, 4, 20)]
    public void ASequenceHasTheSameBitsAloneAsInABatch(int steps, int features, int hidden)
    {
        foreach (DType type in (ReadOnlySpan<DType>)[DType.Float32, DType.Float64])
        {
            Tensor x = Wave([5, steps, features], type, 1), h = Wave([5, hidden], type, 2), c = Wave([5, hidden], type, 3), bias = Wave([4 * hidden], type, 4), second = Wave([3 * hidden], type, 5);
            Tensor Input(int gates) => Wave([features, gates * hidden], type, 6) * 0.3;
            Tensor State(int gates) => Wave([hidden, gates * hidden], type, 7) * 0.1;
            Same(x, h, (x, h, _) => x.Rnn(Input(1), State(1), bias.Narrow(0, 0, hidden), h));
            Same(x, h, (x, h, row) => x.Lstm(Input(4), State(4), bias, h, c.Narrow(0, row, h.Shape[0])).States);
            Same(x, h, (x, h, row) => x.Lstm(Input(4), State(4), bias, h, c.Narrow(0, row, h.Shape[0])).Cell);
            Same(x, h, (x, h, _) => x.Gru(Input(3), State(3), bias.Narrow(0, 0, 3 * hidden), second, h));
        }
    }

    private static void Same(Tensor x, Tensor h, Func<Tensor, Tensor, int, Tensor> run)
    {
        Tensor all = run(x, h, 0);
        for (int row = 0; row < x.Shape[0]; row++)
        {
            Tensor alone = run(x.Narrow(0, row, 1), h.Narrow(0, row, 1), row);
            Assert.Equal(all.Narrow(0, row, 1).Cast(DType.Float64).ToArray<double>(), alone.Cast(DType.Float64).ToArray<double>());
        }
    }

    private static Tensor Wave(Shape shape, DType type, int seed) =>
        Tensor.From(Enumerable.Range(0, shape.Count).Select(i => Math.Sin(1.7 * i * seed + seed)).ToArray(), shape).Cast(type);
}
