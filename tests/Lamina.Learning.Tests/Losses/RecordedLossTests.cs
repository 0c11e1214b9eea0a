using System.Text.Json;
using Lamina.Learning.Losses;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Xunit;

namespace Lamina.Learning.Tests.Losses;

public class RecordedLossTests
{
    private const int Operations = 64;

    [Fact]
    public void MeanSquaredError() => Check("mse", (_, _) => new MeanSquaredError());

    [Fact]
    public void MeanAbsoluteError() => Check("mae", (_, _) => new MeanAbsoluteError());

    [Fact]
    public void Huber() => Check("huber", (options, _) => new Huber(options.Number("delta")));

    [Fact]
    public void BinaryCrossEntropy() => Check("binary_cross_entropy_with_logits", (_, _) => new BinaryCrossEntropy());

    [Fact]
    public void CrossEntropy() => Check("cross_entropy", (options, inputs) => new CrossEntropy(options.Number("labelSmoothing"),
        inputs.GetArrayLength() > 2 ? Recorded.Doubles(inputs[2].GetProperty("values")) : null));

    private static void Check(string file, Func<JsonElement, JsonElement, Loss> make)
    {
        foreach (JsonElement test in Recorded.Cases("losses/" + file))
        {
            JsonElement inputs = test.GetProperty("inputs");
            Loss loss = make(test.GetProperty("attributes"), inputs);
            Tensor prediction = inputs[0].Tensor().Track(), value = loss.Compute(prediction, inputs[1].Tensor());
            Recorded.Matches(test.GetProperty("outputs")[0], value, Operations, $"{file} {test.Name()}");
            Tensor gradient = Gradient.Of(value, [prediction], test.GetProperty("upstream")[0].Tensor())[0];
            Recorded.Matches(test.GetProperty("gradients")[0], gradient, Operations, $"{file} {test.Name()}, gradient");
        }
    }
}
