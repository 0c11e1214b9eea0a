using Lamina.Learning.Data;
using Lamina.Models;
using Lamina.Tasks.Fraud;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Tests.Fraud;

/// <summary>The threshold by cost, and the logistic regression.</summary>
public sealed class FraudPartTests
{
    private static double Cost(float[] odds, bool[] isPositive, double threshold, double missed, double wrong) => odds.Select((o, i) =>
        1 / (1 + Math.Exp(-(double)o)) >= threshold ? isPositive[i] ? 0 : wrong : isPositive[i] ? missed : 0).Sum();

    [Theory, InlineData(20, 1), InlineData(1, 1), InlineData(1, 20), InlineData(500, 3)]
    public void No_threshold_costs_less_than_the_one_chosen(double missed, double wrong)
    {
        for (ulong draw = 0; draw < 40; draw++)
        {
            var random = new RandomStream(7, draw);
            int count = 1 + random.NextInt(60);
            bool[] isPositive = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < 0.2)];
            // With ties.
            float[] odds = [.. isPositive.Select(p => MathF.Round((float)(3 * random.NextNormal() + (p ? 1 : -2)), 1))];
            double threshold = CostThreshold.Of([.. odds], [.. isPositive], missed, wrong), best = Cost(odds, isPositive, threshold, missed, wrong);
            foreach (double other in odds.Select(o => 1 / (1 + Math.Exp(-(double)o))).SelectMany(p => new[] { p - 1e-9, p + 1e-9 }).Append(0)
                .Append(2))
                Assert.True(best <= Cost(odds, isPositive, other, missed, wrong) + 1e-9, $"{threshold} costs {best}, {other} less");
        }
    }

    [Fact]
    public void Where_many_cost_the_same_it_is_the_one_that_follows_from_the_costs()
    {
        Assert.Equal(1 / 21.0, CostThreshold.Of([-6, -5, 2], [false, false, true], 20, 1), 9);
        Assert.Equal(1 / 21.0, CostThreshold.Of([-6, -5], [false, false], 20, 1), 9); // none of the class
        Assert.Equal(0.5, CostThreshold.Of([-1, 1], [false, true], 1, 1), 9);
        Assert.Equal(1 / 21.0, CostThreshold.Of([], [], 20, 1), 9);
        double low = CostThreshold.Of([-9, -8, -7.5f], [false, true, true], 20, 1);
        Assert.InRange(low, 1 / (1 + Math.Exp(9)), 1 / (1 + Math.Exp(8))); // both are found, and nothing else
    }

    // Numbers, a category and a text of tokens.
    private static (WideAndDeep Network, TensorDataset Rows) Make(int count)
    {
        var options = new TabularNetOptions { Outputs = 2, Numbers = 2, Categories = [4], Texts = [new TokenColumn(6, 3)], Hidden = [4],
            Members = 2 };
        var random = new RandomStream(1, 2);
        var (x, y) = (new float[count * 6], new int[count]);
        for (int i = 0; i < count; i++)
        {
            Span<float> row = x.AsSpan(i * 6, 6);
            (row[0], row[1], row[2]) = ((float)random.NextNormal(), (float)random.NextNormal(), random.NextInt(4));
            for (int t = 3; t < 6; t++) row[t] = random.NextInt(6);
            y[i] = row[0] - row[1] + (row[2] == 1 ? 2 : 0) + random.NextNormal() > 2 ? 0 : 1;
        }
        var network = new WideAndDeep(options, 0);
        network.Build([6]);
        network.Initialize(1);
        return (network, new TensorDataset(Tensor.From(x, [count, 6]), Tensor.From(y)));
    }

    // By its definition: the sum of losses by the network's own log-odds, and half the squares of the weights.
    private static double Objective(WideAndDeep network, TensorDataset rows, float[] w)
    {
        network.Wide.Value = Tensor.From(w);
        Batch all = rows.Take([.. Enumerable.Range(0, rows.Count)]);
        float[] odds = network.Linear(all.Input).ToArray<float>();
        int[] labels = all.Target.ToArray<int>();
        return odds.Select((o, i) => Math.Log(1 + Math.Exp(labels[i] == 0 ? -(double)o : o))).Sum() + w.Skip(1).Sum(v => v * (double)v) / 2;
    }

    [Fact]
    public void A_logistic_regression_is_where_every_change_costs()
    {
        (WideAndDeep network, TensorDataset rows) = Make(400);
        float[] w = LogisticFit.Fit(network, rows, 300);
        Assert.Equal(1 + 2 + 4 + 6, w.Length);
        double least = Objective(network, rows, w);
        for (int i = 0; i < w.Length; i++)
            foreach (float change in new[] { -0.05f, 0.05f })
            {
                float[] moved = [.. w];
                moved[i] += change;
                Assert.True(Objective(network, rows, moved) > least, $"weight {i}");
            }
        Assert.Equal(w, LogisticFit.Fit(network, rows, 300));
        Assert.True(w[1] > 0.5 && w[2] < -0.5 && w[4] > w[3]);
        Assert.Equal(0, w[7]); // padding is no token
    }

    [Fact]
    public void A_network_whose_deep_part_ends_in_zeros_says_what_the_linear_model_says()
    {
        (WideAndDeep network, TensorDataset rows) = Make(50);
        network.Wide.Value = Tensor.From(LogisticFit.Fit(network, rows, 40));
        network.Deep.Weight.Value = Tensor.Zeros(network.Deep.Weight.KnownShape!.Value);
        Tensor x = rows.Take([.. Enumerable.Range(0, 50)]).Input;
        float[] logits = network.Forward(x).ToArray<float>(), odds = network.Linear(x).ToArray<float>();
        for (int i = 0; i < odds.Length; i++) Assert.Equal(odds[i], logits[2 * i] - logits[2 * i + 1], 1e-5f);
    }
}
