using Lamina.Formats;
using Lamina.Learning.Data;
using Lamina.Learning.Losses;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Saving;
using Lamina.Learning.Training;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models.Tests;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>The network of tables against its slow definition, as an ensemble, saved, and with options that make no sense.</summary>
public sealed class TabularNetTests
{
    private static readonly TabularNetOptions s_options = new()
    {
        Outputs = 2, Numbers = 3, Edges = [[-1, 0, 2], [], [-2, -1, 0, 1.5f]], Categories = [4, 3], Texts = [new TokenColumn(6, 3)], Hidden = [7, 5],
            Dropout = 0.25, Members = 3,
    };

    // Numbers within, below and above their bins and on an edge; known and unknown categories; texts of 2, 3 and 0 tokens.
    private static readonly float[][] s_rows = [[-0.5f, 3, 0.75f, 1, 2, 5, 1, 0], [-4, -1, 9, 3, 0, 2, 2, 3], [0, 0, -2, 0, 1, 0, 0, 0],
        [2, 0.5f, -1.5f, 2, 2, 4, 0, 0]];

    private static Tensor Rows => Tensor.From(s_rows.SelectMany(r => r).ToArray(), [s_rows.Length, 8]);

    private static TabularNet Network(TabularNetOptions? options = null)
    {
        var network = new TabularNet(options ?? s_options);
        network.Build(new Spec(DType.Float32, [8]));
        network.Initialize(5);
        return network;
    }

    // One row and one member at a time, by the formulas.
    private static double[] Slow(TabularNet network, float[] row, int member)
    {
        TabularNetOptions o = network.Options;
        var features = new List<double>();
        for (int n = 0; n < o.Numbers; n++) features.Add(row[n]);
        foreach ((int n, IReadOnlyList<float> edges) in o.Edges.Index())
            for (int b = 0; b + 1 < edges.Count; b++) features.Add(Math.Clamp((row[n] - (double)edges[b]) / (edges[b + 1] - (double)edges[b]), 0, 1));
        for (int c = 0; c < o.Categories.Count; c++)
        {
            float[] table = network.Categories[c].Weight.Value.ToArray<float>();
            int width = table.Length / o.Categories[c];
            features.AddRange(table.Skip((int)row[o.Numbers + c] * width).Take(width).Select(x => (double)x));
        }
        float[] words = network.Texts[0].Weight.Value.ToArray<float>();
        int wide = words.Length / o.Texts[0].Tokens;
        int[] tokens = [.. row[(o.Numbers + o.Categories.Count)..].Select(t => (int)t).Where(t => t > 0)];
        for (int i = 0; i < wide; i++) features.Add(tokens.Sum(t => (double)words[t * wide + i]) / Math.Sqrt(Math.Max(1, tokens.Length)));
        float[] scales = network.Scales.Value.ToArray<float>();
        double[] x = [.. features.Select((f, i) => f * scales[member * features.Count + i])];
        foreach (Linear layer in network.Hidden)
        {
            float[] weight = layer.Weight.Value.ToArray<float>(), bias = layer.Bias!.Value.ToArray<float>();
            double[] from = x;
            x = [.. Enumerable.Range(0, bias.Length).Select(j => Math.Max(0, bias[j] + from.Select((v, i) => v * weight[i * bias.Length + j]).Sum()))];
        }
        float[] head = network.Weight.Value.ToArray<float>(), last = network.Bias.Value.ToArray<float>();
        return [.. Enumerable.Range(0, o.Outputs).Select(k =>
            last[member * o.Outputs + k] + x.Select((v, i) => v * head[(member * x.Length + i) * o.Outputs + k]).Sum())];
    }

    [Fact]
    public void Computes_what_the_formulas_say_and_answers_with_the_members_mean()
    {
        TabularNet network = Network();
        float[] members = network.Members(Tensors.Create([Rows]), Pass.Evaluation).ToArray<float>(), answer = network.Forward(Rows).ToArray<float>();
        for (int row = 0; row < s_rows.Length; row++)
        {
            double[][] slow = [.. Enumerable.Range(0, 3).Select(m => Slow(network, s_rows[row], m))];
            for (int k = 0; k < 2; k++)
            {
                for (int m = 0; m < 3; m++) Assert.Equal(slow[m][k], members[(row * 3 + m) * 2 + k], 1e-5);
                Assert.Equal(slow.Average(s => s[k]), answer[row * 2 + k], 1e-5);
            }
            Assert.True(slow.Select(s => s[0]).Distinct().Count() == 3, "the members are the same");
        }
        Assert.Equal("TabularNet(8-7-5-2, 3 members)", network.ToString());
        TensorException wrong = Assert.Throws<TensorException>(() => network.Forward(Tensor.From(new float[14], [2, 7])));
        Assert.Contains("takes rows (batch, 8), not (2, 7)", wrong.Message);
    }

    [Fact]
    public void A_saved_network_gives_the_same_bits()
    {
        TabularNet network = Network();
        string file = Path.GetTempFileName();
        try
        {
            Model.Save(file, network);
            Assert.Equal(network.Forward(Rows).ToArray<float>(), Predictor.Load(file).Predict(Rows).ToArray<float>());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void In_training_each_member_is_compared_by_itself()
    {
        TabularNet network = Network(s_options with { Dropout = 0 });
        var objective = new EnsembleObjective(network, new MeanSquaredError());
        float[] targets = [1, 2, -1, 0, 3, 3, 0.5f, -2], weights = [1, 0, 2, 0.5f];
        Tensor target = Tensor.From(targets, [4, 2]);
        float[] members = network.Members(Tensors.Create([Rows]), Pass.Evaluation).ToArray<float>(), mean = network.Forward(Rows).ToArray<float>();
        double Loss(int row, int m) => Enumerable.Range(0, 2).Average(k => Math.Pow(members[(row * 3 + m) * 2 + k] - targets[row * 2 + k], 2));
        double[] each = [.. Enumerable.Range(0, 4).Select(row => Enumerable.Range(0, 3).Average(m => Loss(row, m)))];
        double[] whole = [.. Enumerable.Range(0, 4).Select(row => Enumerable.Range(0, 2).Average(k => Math.Pow(mean[row * 2 + k] - targets[row * 2 + k], 2)))];

        ObjectiveResult training = objective.Compute(new Batch(Rows, target), Pass.Training(1, 1));
        Assert.Equal(each.Average(), training.Loss.ToArray<float>()[0], 1e-5);
        Assert.Equal(mean, training.Predictions[0].ToArray<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(whole.Average(), objective.Compute(new Batch(Rows, target), Pass.Evaluation).Loss.ToArray<float>()[0], 1e-5);
        Assert.True(whole.Average() < each.Average());

        var weighted = new Batch([Rows], [target], Tensor.From(weights));
        training = objective.Compute(weighted, Pass.Training(1, 1));
        Assert.Equal(each.Zip(weights, (l, w) => l * w).Sum() / weights.Sum(), training.Loss.ToArray<float>()[0], 1e-5);
        Assert.Equal(weights.Sum(), training.Weight!.ToArray<float>()[0], 1e-5);
        Assert.Equal(each.Zip(weights, (l, w) => l * w).Sum(), training.Sum!.ToArray<float>()[0], 1e-4);
        Assert.Equal(whole.Zip(weights, (l, w) => l * w).Sum() / weights.Sum(), objective.Compute(weighted, Pass.Evaluation).Loss.ToArray<float>()[0], 1e-5);
        Assert.Contains("isn't an ensemble", Assert.Throws<ArgumentException>(() => new EnsembleObjective(new Linear(1), new MeanSquaredError())).Message);
    }

    [Fact]
    public void All_parameters_are_trained()
    {
        TabularNet network = Network();
        Dictionary<string, float[]> before = network.Variables.ToDictionary(v => v.Path, v => v.Variable.Value.ToArray<float>());
        var trainer = new Trainer(new EnsembleObjective(network, new CrossEntropy()), new Sgd(0.5), new TrainerOptions { Epochs = 1 });
        trainer.Fit(new DataLoader(new TensorDataset(Rows, Tensor.From([0, 1, 1, 0])), BatchOptions.Training with { Size = 4 }),
            cancel: TestContext.Current.CancellationToken);
        Assert.Equal(10, before.Count);
        foreach ((string path, Variable variable) in network.Variables)
            Assert.True(!before[path].AsSpan().SequenceEqual(variable.Value.ToArray<float>()), $"{path} was not trained");
    }

    [Theory]
    [InlineData("outputs")]
    [InlineData("members")]
    [InlineData("nothing")]
    [InlineData("edges of another number")]
    [InlineData("edges that fall")]
    [InlineData("edges of NaN")]
    [InlineData("category")]
    [InlineData("tokens")]
    [InlineData("length")]
    [InlineData("neurons")]
    [InlineData("layers")]
    [InlineData("dropout")]
    public void Options_that_make_no_sense_are_refused(string what)
    {
        TabularNetOptions hostile = what switch
        {
            "outputs" => s_options with { Outputs = 0 },
            "members" => s_options with { Members = 1_000_000 },
            "nothing" => new() { Outputs = 1, Numbers = 0 },
            "edges of another number" => s_options with { Edges = [[0, 1]] },
            "edges that fall" => s_options with { Edges = [[0, 0], [], []] },
            "edges of NaN" => s_options with { Edges = [[0, float.NaN], [], []] },
            "category" => s_options with { Categories = [0] },
            "tokens" => s_options with { Texts = [new TokenColumn(int.MaxValue, 3)] },
            "length" => s_options with { Texts = [new TokenColumn(6, 0)] },
            "neurons" => s_options with { Hidden = [int.MaxValue] },
            "layers" => s_options with { Hidden = [.. Enumerable.Repeat(1, 13)] },
            _ => s_options with { Dropout = double.NaN },
        };
        Assert.Throws<ArgumentOutOfRangeException>(() => new TabularNet(hostile));
    }
}
