using Lamina.Learning.Data;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Models.Tests;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>A network of ratings: what it computes, held against the formula, and what it refuses.</summary>
public sealed class MatrixFactorizationTests
{
    private static readonly MatrixFactorizationOptions s_options = new() { Items = 4, Length = 3, Width = 2, Members = 2, Memory = 10 };

    // [user, item, items of three ratings, the ratings less the mean]
    private static readonly float[] s_row = [1, 2, 3, 4, 0, 1.5f, -0.5f, 0];

    [Fact]
    public void Computes_what_its_formula_says()
    {
        var network = new MatrixFactorization(s_options);
        network.Build(new Shape(8));
        network.Initialize(3);
        network.ItemBias.Weight.Value = Tensor.From(new[] { 0, 0.1f, 0.2f, -0.3f, 0.4f }, [5, 1]);
        double[] shrink = [.. network.Shrink.Value.ToArray<float>().Select(s => Math.Exp(s))];
        float[] items = network.Item.Weight.Value.ToArray<float>(), liked = network.Liked.Weight.Value.ToArray<float>(), rated = network.Rated.Weight.Value.ToArray<float>();
        double second = Math.Exp(-1 / 10.0);
        double bias = (1.5 + 0.3 + second * (-0.5 - 0.4)) / (1 + second + shrink[0]);
        double answer = 0.2 + bias;
        for (int k = 0; k < 4; k++)
        {
            double user = ((1.8 - bias) * liked[3 * 4 + k] + (-0.9 - bias) * liked[4 * 4 + k] + rated[3 * 4 + k] + rated[4 * 4 + k]) / Math.Sqrt(2 + shrink[1]);
            answer += items[2 * 4 + k] * user / 2; // the mean of two members
        }
        Assert.Equal(answer, network.Forward(Tensor.From(s_row, [1, 8])).Item(), 1e-5);
        Assert.Equal([1, 2, 1], network.Members(Tensors.Create([Tensor.From(s_row, [1, 8])]), Pass.Evaluation).Shape.Span.ToArray());
    }

    [Fact]
    public void Without_ratings_it_gives_the_bias_of_the_item()
    {
        var network = new MatrixFactorization(s_options);
        network.StartFromMeans(new TensorDataset(Tensor.From(new float[] { 1, 2, 0, 0, 0, 0, 0, 0 }, [1, 8]), Tensor.From(new[] { 3f }, [1, 1])));
        Assert.Equal(3.0 / 6, network.Forward(Tensor.From(new[] { 0f, 2, 0, 0, 0, 0, 0, 0 }, [1, 8])).Item(), 1e-6); // as if rated five times more with the mean
        Assert.Equal(0, network.Forward(Tensor.From(new[] { 0f, 1, 0, 0, 0, 0, 0, 0 }, [1, 8])).Item(), 1e-6);
    }

    [Fact]
    public void Options_out_of_their_range_are_refused()
    {
        foreach (MatrixFactorizationOptions bad in (MatrixFactorizationOptions[])[s_options with { Items = 0 }, s_options with { Length = 0 }, s_options with { Width = 0 },
            s_options with { Members = 0 }, s_options with { Memory = 0 }, s_options with { Dropout = 1 }, s_options with { Users = -1 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => new MatrixFactorization(bad));
        Assert.Throws<TensorException>(() => new MatrixFactorization(s_options).Forward(Tensor.From(new[] { 1f, 2 }, [1, 2])));
    }
}
