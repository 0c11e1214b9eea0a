using Lamina.Learning.Losses;
using Lamina.Learning.Optimizers;
using Lamina.Models;

namespace Lamina.Bench.Workloads;

/// <summary>A small GPT: 4 layers, 4 heads, width 128, vocabulary 65; 12 × 64 and 8 × 128 tokens, cross-entropy, AdamW.</summary>
internal static class Gpt
{
    private const int Vocabulary = 65, Context = 128;

    public static IReadOnlyList<Workload> Training => [Of(12, 64), Of(8, 128)];

    /// <summary>One more token of texts up to 128 long.</summary>
    public static IEnumerable<Workload> Inference => ((int[])[1, 64]).Select(batch => new Workload($"gpt writes on {batch}", WorkloadKind.Inference,
        eager => new GptTokenWork(Network(Context), Draw.Labels([batch, Context], Vocabulary)))
    {
        Group = "inference", Peer = "gpt token",
    });

    public static Workload Of(int batch, int steps) => new($"gpt {batch}×{steps}", WorkloadKind.Train, eager => new TrainingWork(eager,
        Network(steps), new CrossEntropy(), new AdamW(0.001), Draw.Labels([batch, steps], Vocabulary), Draw.Labels([batch, steps], Vocabulary)))
    {
        Group = "gpt", Peer = "gpt",
    };

    private static Models.Gpt Network(int context) => new(new GptOptions { Vocabulary = Vocabulary, Context = context, Layers = 4, Heads = 4, Width = 128 });
}
