using System.Globalization;
using Lamina.Formats.Sounds;
using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

/// <summary>
/// What is done to an input before a network sees it; saved with the network by a registered name. A partial record that derives from it
/// and keeps its options in its properties can be saved, as a layer can.
/// </summary>
public abstract record Preprocessing : ISavedByName
{
    /// <summary>The network's input, (batch, …), of what came in, in tensor ops: they become part of a predictor's plan.</summary>
    /// <exception cref="TensorException">The input doesn't fit.</exception>
    public virtual Tensor Apply(Tensor x) => x;
}

/// <summary>The first step for inputs that are rows of a table: texts to a tensor.</summary>
public abstract record RowPreprocessing : Preprocessing
{
    /// <summary>Rows, one text for each column, as a tensor (rows, …).</summary>
    /// <exception cref="FormatException">A text can't be read; the message says which.</exception>
    public abstract Tensor Encode(IReadOnlyList<IReadOnlyList<string>> rows);
}

/// <summary>The first step for inputs that are texts: texts to a tensor.</summary>
public abstract record TextPreprocessing : Preprocessing
{
    /// <summary>Texts as a tensor (texts, …), mostly whole numbers (texts, steps).</summary>
    /// <exception cref="FormatException">A text can't be encoded; the message says why.</exception>
    public abstract Tensor Encode(IReadOnlyList<string> texts);
}

/// <summary>The first step for inputs that are recordings: waveforms to a tensor.</summary>
public abstract record SoundPreprocessing : Preprocessing
{
    /// <summary>Recordings of any rate as a tensor (recordings, …).</summary>
    public abstract Tensor Encode(IReadOnlyList<Waveform> sounds);
}

/// <summary>The first step for inputs that are series: steps of one or more channels to a network's inputs.</summary>
public abstract record SeriesPreprocessing : Preprocessing
{
    /// <summary>Series of any lengths as a network's inputs, each (series, …).</summary>
    /// <param name="series">Each (steps, channels), step by step; NaN where a value is missing.</param>
    /// <exception cref="FormatException">A series can't be encoded; the message says why.</exception>
    public abstract Lamina.Tensors.Tensors Encode(IReadOnlyList<float[]> series);
}

/// <summary>Numbers (…, channels) to mean 0 and deviation 1 of each channel: (x − mean) / deviation.</summary>
/// <param name="Scale">What was measured on the training examples.</param>
public sealed partial record NormalizeNumbers(Normalization Scale) : Preprocessing
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor x)
    {
        Channels.Check(Scale, x);
        return (x - Tensor.From([.. Scale.Mean])) * Tensor.From([.. Scale.Deviation.Select(d => (float)(1.0 / d))]);
    }
}

/// <summary>Pixels 0 to 255 (…, channels) to numbers of mean 0 and deviation 1 of each channel, the way a training set of images does it.</summary>
/// <param name="Scale">What was measured on the training images, in parts of full white.</param>
public sealed partial record NormalizePixels(Normalization Scale) : Preprocessing
{
    /// <inheritdoc/>
    public override Tensor Apply(Tensor x)
    {
        Channels.Check(Scale, x);
        Tensor scale = Tensor.From([.. Scale.Deviation.Select(d => (float)(1 / (255 * (double)d)))]);
        Tensor offset = Tensor.From([.. Scale.Mean.Zip(Scale.Deviation, (m, d) => (float)(-m / (double)d))]);
        return (x.DType == DType.Float32 ? x : x.Cast(DType.Float32)) * scale + offset;
    }
}

/// <summary>Columns of a table that hold numbers, as <c>3.5</c> or <c>-1e3</c>: (rows, columns).</summary>
/// <param name="Names">The columns' names, in order.</param>
public sealed partial record NumberColumns(IReadOnlyList<string> Names) : RowPreprocessing
{
    /// <inheritdoc/>
    public override Tensor Encode(IReadOnlyList<IReadOnlyList<string>> rows) => Tensor.Create<float>(new Shape(rows.Count, Names.Count), values =>
    {
        for (int row = 0; row < rows.Count; row++)
        {
            if (rows[row].Count != Names.Count)
                throw new FormatException($"row {row} has {rows[row].Count} values, and there are {Names.Count} columns: {string.Join(", ", Names)}");
            for (int i = 0; i < Names.Count; i++)
                if (!float.TryParse(rows[row][i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[row * Names.Count + i]))
                    throw new FormatException($"row {row}, column {Names[i]}: '{rows[row][i]}' is no number");
        }
    });
}

/// <summary>Texts as the numbers of their characters in an alphabet: int64 (texts, characters).</summary>
/// <param name="Alphabet">Every character that there is; a character's number is its place.</param>
public sealed partial record CharacterTokens(string Alphabet) : TextPreprocessing
{
    /// <inheritdoc/>
    public override Tensor Encode(IReadOnlyList<string> texts)
    {
        int length = texts.Count == 0 ? 0 : texts[0].Length;
        return Tensor.Create<long>(new Shape(texts.Count, length), values =>
        {
            for (int text = 0; text < texts.Count; text++)
            {
                if (texts[text].Length != length)
                    throw new FormatException($"text {text} has {texts[text].Length} characters, text 0 {length}: texts of one batch have the same length");
                for (int i = 0; i < length; i++)
                    values[text * length + i] = Alphabet.IndexOf(texts[text][i]) is >= 0 and int number ? number
                        : throw new FormatException($"text {text}, character {i}: '{texts[text][i]}' is not in the alphabet");
            }
        });
    }
}

/// <summary>The check that both normalisations make.</summary>
file static class Channels
{
    public static void Check(Normalization scale, Tensor x)
    {
        if (x.Rank < 1 || x.Shape[^1] != scale.Channels)
            throw new TensorException($"preprocessing: the input {x.Shape} doesn't have {scale.Channels} channels or features in its last axis",
                "inputs like those that the network was trained on");
    }
}
