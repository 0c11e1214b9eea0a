using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Sounds;

/// <summary>
/// Recordings with a class each, kept as the logarithms that <see cref="MelSpectrogram.Analyze"/> gives, and given as float32 (batch, frames,
/// bands, channels),
/// varied at random where a <see cref="SoundAugmentation"/> says so; the targets are class indices, int32 (batch).
/// </summary>
public sealed class SoundDataset : Dataset
{
    private readonly IReadOnlyList<float[]> _logs;
    private readonly IReadOnlyList<int> _labels;
    private readonly SoundAugmenter? _augmenter;
    private readonly Dictionary<int, int[]> _ofClass = [];

    /// <summary>The recordings of these logarithms.</summary>
    /// <param name="spectrogram">What makes spectrograms of them.</param>
    /// <param name="logs">What it gave for each recording.</param>
    /// <param name="labels">The class of each, from 0.</param>
    /// <param name="augmentation">How they are varied; null: not at all.</param>
    /// <exception cref="ArgumentException">There are as many labels as recordings, and a recording's logarithms are of whole frames.</exception>
    public SoundDataset(MelSpectrogram spectrogram, IReadOnlyList<float[]> logs, IReadOnlyList<int> labels, SoundAugmentation? augmentation = null)
    {
        if (logs.Count != labels.Count) throw new ArgumentException($"{logs.Count} recordings have {labels.Count} labels", nameof(labels));
        if (logs.Any(l => l.Length % spectrogram.Options.Bands != 0))
            throw new ArgumentException($"logarithms of a recording aren't frames of {spectrogram.Options.Bands} bands", nameof(logs));
        (Spectrogram, _logs, _labels) = (spectrogram, logs, labels);
        if (augmentation is null || augmentation == SoundAugmentation.None) return;
        _augmenter = new(spectrogram, augmentation);
        foreach (IGrouping<int, int> one in Enumerable.Range(0, labels.Count).GroupBy(i => labels[i])) _ofClass.Add(one.Key, [.. one]);
    }

    /// <summary>Makes spectrograms of recordings.</summary>
    public MelSpectrogram Spectrogram { get; }

    /// <inheritdoc/>
    public override int Count => _labels.Count;

    /// <inheritdoc/>
    public override Specs Inputs => new Spec(DType.Float32, Spectrogram.Shape);

    /// <inheritdoc/>
    public override Specs Targets => new Spec(DType.Int32, Shape.Scalar);

    /// <inheritdoc/>
    public override void Read(in ReadCall call)
    {
        int size = Spectrogram.Shape.Count;
        Span<float> inputs = call.Inputs<float>();
        Span<int> targets = call.Targets<int>();
        for (int i = 0; i < call.Indices.Length; i++)
        {
            int index = call.Indices[i];
            targets[i] = _labels[index];
            Span<float> to = inputs.Slice(i * size, size);
            if (_augmenter is null)
            {
                Spectrogram.Place(_logs[index], to);
                continue;
            }
            var draws = new ExampleDraws(call.Seed, call.Epoch, index);
            int[] alike = _ofClass[_labels[index]];
            int partner = _augmenter.Partner(alike.Length, draws);
            _augmenter.Write(_logs[index], partner < 0 ? [] : _logs[alike[partner]], draws, to);
        }
    }
}
