using Lamina.Learning.Data;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Translation;

/// <summary>Pairs of sentences as tokens, with their texts at hand.</summary>
internal sealed class TranslationSet : Dataset
{
    private readonly SentencePairs _pairs;
    private readonly int[] _indices;
    private readonly SequencePairDataset _tokens;

    /// <param name="pairs">The texts.</param>
    /// <param name="indices">Which of them.</param>
    /// <param name="sources">The tokens of each.</param>
    /// <param name="targets">The tokens of each translation.</param>
    public TranslationSet(SentencePairs pairs, int[] indices, int[][] sources, int[][] targets) =>
        (_pairs, _indices, _tokens) = (pairs, indices, new(sources, targets));

    /// <summary>The likeliest translation of each word in the training pairs, for the baseline; null where those aren't at hand.</summary>
    public Func<CancellationToken, WordTable>? Words { get; init; }

    /// <inheritdoc/>
    public override int Count => _tokens.Count;

    /// <inheritdoc/>
    public override Specs Inputs => _tokens.Inputs;

    /// <inheritdoc/>
    public override Specs Targets => _tokens.Targets;

    /// <inheritdoc/>
    public override IReadOnlyList<int>? Lengths => _tokens.Lengths;

    /// <inheritdoc/>
    public override IReadOnlyList<int>? Buckets => _tokens.Buckets;

    /// <inheritdoc/>
    public override Specs InputsAt(int length) => _tokens.InputsAt(length);

    /// <inheritdoc/>
    public override Specs TargetsAt(int length) => _tokens.TargetsAt(length);

    /// <inheritdoc/>
    public override void Read(in ReadCall call) => _tokens.Read(call);

    /// <summary>A sentence.</summary>
    public string Source(int index) => _pairs.Sources[_indices[index]];

    /// <summary>Its translation.</summary>
    public string Target(int index) => _pairs.Targets[_indices[index]];

    /// <summary>Where it stands.</summary>
    public string Place(int index) => _pairs.Place(_indices[index]);

    /// <summary>The tokens of a translation.</summary>
    public ReadOnlySpan<int> TargetTokens(int index) => _tokens.Target(index);
}
