using System.Text;
using System.Text.RegularExpressions;
using Article;

namespace Lamina.Examples;

/// <summary>
/// The claims of docs/learn hold in the short versions of the experiments. The environment variable ARTICLE_SEED chooses another random seed than 1:
/// the claims are no matter of luck.
/// </summary>
public sealed class ArticleTests
{
    // Nothing learned yet: two and ten classes at random.
    private static readonly double s_ln2 = Math.Log(2), s_ln10 = Math.Log(10);

    [Fact]
    public void One_neuron_learns_and_but_xor_takes_a_hidden_layer()
    {
        IReadOnlyDictionary<string, double> found = Run("xor");
        Assert.Equal(1, found["oneNeuronAndRight"]);
        Assert.InRange(found["oneNeuronXorRight"], 0, 0.75);
        Assert.InRange(found["oneNeuronXorLoss"], s_ln2 - 0.001, double.MaxValue);
        Assert.Equal(1, found["hiddenLayerXorRight"]);
        Assert.InRange(found["hiddenLayerXorLoss"], 0, 0.05);
    }

    [Fact]
    public void Sigmoid_fades_in_a_deep_network_where_tanh_and_relu_learn()
    {
        IReadOnlyDictionary<string, double> found = Run("activations");
        Assert.InRange(found["sigmoidGradient"], 0, 0.01);
        Assert.InRange(found["sigmoidLoss"], 0.6, 0.8);
        foreach (string name in (string[])["tanh", "relu"])
        {
            Assert.InRange(found[$"{name}Gradient"], 0.1, 10);
            Assert.InRange(found[$"{name}Loss"], 0, 0.1);
        }
    }

    [Fact]
    public void A_learning_rate_can_be_too_small_right_and_too_large()
    {
        IReadOnlyDictionary<string, double> found = Run("rate");
        Assert.InRange(found["tooSmallLast"], 0.8 * found["tooSmallFirst"], found["tooSmallFirst"]);
        Assert.InRange(found["rightLast"], 0, 0.1 * found["rightFirst"]);
        Assert.False(found["tooLargeLast"] < found["tooLargeFirst"]); // or it is no number at all
    }

    [Fact]
    public void Mini_batches_learn_more_in_the_same_number_of_epochs()
    {
        IReadOnlyDictionary<string, double> found = Run("batches");
        Assert.True(found["batch20"] > found["batch100"] + 0.1);
        Assert.True(found["batch100"] > found["batch1000"] + 0.1);
    }

    [Fact]
    public void Overfitting_is_less_with_dropout_decay_augmentation_and_more_data()
    {
        IReadOnlyDictionary<string, double> found = Run("overfitting");
        Assert.Equal(1, found["plainTrain"]);
        Assert.True(found["plainTest"] < 0.7);
        foreach (string remedy in (string[])["dropout", "decay", "augmentation", "moreData"])
            Assert.True(found[$"{remedy}Loss"] < found["plainLoss"] - 0.1, remedy);
        // Weight decay makes the network less sure where it is wrong, and hardly more often right.
        Assert.True(found["dropoutTest"] > found["plainTest"] + 0.02);
        Assert.True(found["augmentationTest"] > found["plainTest"] + 0.2);
        Assert.True(found["moreDataTest"] > found["plainTest"] + 0.2);
    }

    [Fact]
    public void A_thousand_layers_train_with_residual_connections_alone()
    {
        IReadOnlyDictionary<string, double> found = Run("depth");
        Assert.InRange(found["residualGradient"], 0.01, 100);
        Assert.InRange(found["residualLast"], 0, 0.3 * found["residualFirst"]);
        Assert.InRange(found["plainGradient"], 0, 1e-9 * found["residualGradient"]);
        Assert.InRange(found["plainLast"], 0.95 * s_ln10, double.MaxValue);
    }

    [Fact]
    public void First_filters_become_smooth_and_deeper_units_choose_a_class()
    {
        IReadOnlyDictionary<string, double> found = Run("filters");
        Assert.InRange(found["untrainedSmoothness"], -0.2, 0.2);
        Assert.True(found["trainedSmoothness"] > found["untrainedSmoothness"] + 0.2);
        Assert.True(found["trainedDeeperPurity"] > found["untrainedDeeperPurity"] + 0.15);
        Assert.True(found["trainedDeeperPurity"] > found["trainedFirstPurity"] + 0.15);
    }

    [Fact]
    public void Shared_weights_are_few_and_generalise_better()
    {
        IReadOnlyDictionary<string, double> found = Run("sharing");
        Assert.True(found["sharedWeights"] < found["denseWeights"] / 10);
        Assert.True(found["sharedTest"] > found["denseTest"] + 0.05);
    }

    [Fact]
    public void Pooling_makes_a_shift_matter_less()
    {
        IReadOnlyDictionary<string, double> found = Run("pooling");
        Assert.True(found["by4Change"] < found["by2Change"] && found["by2Change"] < found["noneChange"]);
        Assert.True(found["by4Shifted2"] > found["noneShifted2"] + 0.1);
    }

    [Fact]
    public void Lstm_and_gru_remember_what_a_plain_network_forgets()
    {
        IReadOnlyDictionary<string, double> found = Run("memory");
        Assert.InRange(found["rnnError"], 0.1, 0.3);
        Assert.InRange(found["lstmError"], 0, 0.01);
        Assert.InRange(found["gruError"], 0, 0.01);
    }

    [Fact]
    public void Exploding_gradients_wreck_a_training_unless_clipped()
    {
        IReadOnlyDictionary<string, double> found = Run("clipping");
        Assert.True(found["unclippedNorm"] > 100);
        Assert.False(found["unclippedLast"] < 1); // no better than always saying 0, or no number at all
        Assert.InRange(found["clippedLast"], 0, 0.5);
    }

    [Fact]
    public void What_was_learned_from_other_classes_helps()
    {
        IReadOnlyDictionary<string, double> found = Run("transfer");
        Assert.True(found["transferred"] > found["fresh"] + 0.03);
    }

    [Fact]
    public void Biased_data_give_biased_decisions()
    {
        IReadOnlyDictionary<string, double> found = Run("bias");
        Assert.InRange(found["fairA"] - found["fairB"], -0.1, 0.1);
        Assert.True(found["biasedA"] - found["biasedB"] > 0.3);
    }

    [Fact]
    public void Each_experiment_is_told_of_with_its_claim_and_plots()
    {
        string folder = Path.Combine(ExampleTests.Root, "docs", "learn"), pages = string.Concat(Directory.EnumerateFiles(folder, "*.md").Select(File.ReadAllText));
        Assert.All(Experiment.All, e =>
        {
            Assert.Contains($" -- {e.Name} --plots plots\n", pages);
            Assert.Contains($"# {e.Name}: {e.Claim}\n", pages);
        });
        Assert.All(Regex.Matches(pages, @"\]\(([^)]+)\)"), link => Assert.True(Path.Exists(Path.Combine(folder, link.Groups[1].Value)), link.Value));
    }

    [Fact]
    public void Plots_are_drawn_where_they_are_asked_for()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"lamina-{Guid.NewGuid():N}");
        try
        {
            Experiment xor = Experiment.All[0];
            var text = new StringWriter();
            xor.Run(new Notebook(xor.Name, text, folder) { IsSmall = true });
            string plot = Assert.Single(Directory.GetFiles(folder));
            Assert.Contains(plot, text.ToString());
            Assert.Equal("PNG", Encoding.ASCII.GetString(File.ReadAllBytes(plot), 1, 3));
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyDictionary<string, double> Run(string name)
    {
        ulong seed = ulong.TryParse(Environment.GetEnvironmentVariable("ARTICLE_SEED"), out ulong chosen) ? chosen : 1;
        var book = new Notebook(name, TextWriter.Null) { IsSmall = true, Seed = seed };
        Experiment.All.Single(e => e.Name == name).Run(book);
        return book.Figures;
    }
}
