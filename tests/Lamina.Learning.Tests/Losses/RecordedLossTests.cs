using System.Text.Json;
using Lamina.Learning.Losses;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

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

    [Fact]
    public void CrossEntropyOfProbabilities() => Check("cross_entropy_of_probabilities", (options, inputs) => new CrossEntropy(options.Number("labelSmoothing"),
        inputs.GetArrayLength() > 2 ? Recorded.Doubles(inputs[2].GetProperty("values")) : null));

    [Fact]
    public void KlDivergence() => Check("kl_divergence", (_, _) => new KlDivergence());

    [Fact]
    public void CosineSimilarity() => Check("cosine_embedding", (options, _) => new CosineSimilarity(options.Number("margin")));

    [Fact]
    public void PoissonLoss() => Check("poisson", (_, _) => new PoissonLoss());

    [Fact]
    public void GaussianLikelihood() => Check("gaussian", (options, _) => new GaussianLikelihood(options.Flag("full")));

    [Fact]
    public void TripletLoss() => Check("triplet_margin", (options, _) => new TripletLoss(options.Number("margin")));

    // One loss for each sequence: their mean by weights, which are the recorded upstream gradients.
    [Fact]
    public void CtcLoss()
    {
        foreach (JsonElement test in Recorded.Cases("losses/ctc"))
        {
            JsonElement inputs = test.GetProperty("inputs");
            Tensor prediction = inputs[0].Tensor().Track(), labels = inputs[1].Tensor(), lengths = inputs[2].Tensor();
            var loss = new CtcLoss((int)test.GetProperty("attributes").Number("blank"));
            double[] losses = Recorded.Doubles(test.GetProperty("outputs")[0].GetProperty("values"));
            double[] upstream = Recorded.Doubles(test.GetProperty("upstream")[0].GetProperty("values"));
            Tensor sum = Tensor.Zeros([]);
            for (int i = 0; i < losses.Length; i++)
            {
                Tensor one = loss.Compute(prediction[i..(i + 1)], labels[i..(i + 1)], lengths[i..(i + 1)]);
                Assert.Equal(losses[i], one.Item(), 1e-6 * Math.Max(1, losses[i]) * 4);
                sum = sum + upstream[i] * one;
            }
            Assert.Equal(losses.Average(), loss.Compute(prediction, labels, lengths).Item(), 4e-6 * Math.Max(1, losses.Max()));
            Recorded.Matches(test.GetProperty("gradients")[0], Gradient.Of(sum, [prediction])[0], Operations, $"ctc {test.Name()}, gradient");
        }
    }

    private static void Check(string file, Func<JsonElement, JsonElement, Loss> make)
    {
        foreach (JsonElement test in Recorded.Cases("losses/" + file))
        {
            JsonElement inputs = test.GetProperty("inputs");
            Loss loss = make(test.GetProperty("attributes"), inputs);
            Tensor prediction = inputs[0].Tensor().Track();
            Tensor value = loss.Compute(prediction, inputs.GetArrayLength() > 1 ? inputs[1].Tensor() : Tensor.Zeros([prediction.Shape[0]]));
            Recorded.Matches(test.GetProperty("outputs")[0], value, Operations, $"{file} {test.Name()}");
            Tensor gradient = Gradient.Of(value, [prediction], test.GetProperty("upstream")[0].Tensor())[0];
            Recorded.Matches(test.GetProperty("gradients")[0], gradient, Operations, $"{file} {test.Name()}, gradient");
        }
    }
}
