using Article.Experiments;

namespace Article;

/// <summary>A claim and the program that shows it.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="claim">The claim, as a sentence.</param>
internal abstract class Experiment(string name, string claim)
{
    /// <summary>All of them, in the order in which docs/learn tells them.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new Xor(), new Activations(), new LearningRates(), new Batches(), new Overfitting(), new Depth(), new Filters(), new WeightSharing(),
        new Pooling(), new Memory(), new Clipping(), new Transfer(), new Bias(),
    ];

    public string Name => name;

    public string Claim => claim;

    /// <summary>Runs it.</summary>
    /// <param name="book">Says which version to run, with which seed, and takes what is found.</param>
    public abstract void Run(Notebook book);
}
