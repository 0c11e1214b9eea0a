using Lamina.Learning.Data;
using Lamina.Learning.Texts;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Sequences;

/// <summary>
/// Sequences of numbers of symbols, (steps, features), with a label for each position (steps), −1 where there is none, what each baseline says of
/// each position, (steps), and the number of the sequence, (1), since batches by length come in another order. In training about one occurrence of
/// each symbol an epoch is shown as an unknown one, so that those have a meaning.
/// </summary>
/// <param name="features">How many numbers a symbol has.</param>
/// <param name="sequences">The sequences.</param>
/// <param name="baselines">How many baselines there are.</param>
/// <param name="counts">How often each symbol occurs in training, by its first number; null: none is shown as an unknown one.</param>
internal sealed class LabelledSequences(int features, IReadOnlyList<EncodedSequence> sequences, int baselines, int[]? counts) : Dataset
{
    private readonly int[] _lengths = [.. sequences.Select(s => s.Labels.Length)];

    /// <inheritdoc/>
    public override int Count => sequences.Count;

    /// <inheritdoc/>
    public override Specs Inputs => InputsAt(_lengths.DefaultIfEmpty(1).Max());

    /// <inheritdoc/>
    public override Specs Targets => TargetsAt(_lengths.DefaultIfEmpty(1).Max());

    /// <inheritdoc/>
    public override IReadOnlyList<int> Lengths => _lengths;

    /// <inheritdoc/>
    public override Specs InputsAt(int length) => new Spec(DType.Int32, [length, features]);

    /// <inheritdoc/>
    public override Specs TargetsAt(int length) =>
        Specs.Create([.. Enumerable.Repeat(new Spec(DType.Int32, [length]), 1 + baselines), new Spec(DType.Int32, [1])]);

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        int length = call.Length;
        for (int i = 0; i < call.Indices.Length; i++)
        {
            EncodedSequence one = sequences[call.Indices[i]];
            Span<int> symbols = call.Inputs<int>().Slice(i * length * features, length * features);
            one.Symbols.CopyTo(symbols);
            symbols[one.Symbols.Length..].Clear();
            Fill(call.Targets<int>(0).Slice(i * length, length), one.Labels);
            call.Targets<int>(1 + baselines)[i] = call.Indices[i];
            for (int b = 0; b < baselines; b++) Fill(call.Targets<int>(1 + b).Slice(i * length, length), one.Baselines[b]);
            if (counts is null) continue;
            var random = new RandomStream((ulong)call.Seed, (3UL << 40) + ((ulong)call.Epoch << 32) + (uint)call.Indices[i]);
            for (int s = 0; s < one.Labels.Length; s++)
                if (random.NextSingle() * (1 + counts[symbols[s * features]]) < 1) symbols[s * features] = SymbolVocabulary.Unknown;
        }
    }

    private static void Fill(Span<int> row, int[] values)
    {
        values.CopyTo(row);
        row[values.Length..].Fill(-1);
    }
}

/// <summary>A sequence as numbers.</summary>
/// <param name="Symbols">The numbers of its symbols, (steps · features).</param>
/// <param name="Labels">Its labels; −1 where there is none.</param>
/// <param name="Baselines">What each baseline says of each position.</param>
internal sealed record EncodedSequence(int[] Symbols, int[] Labels, int[][] Baselines);
