using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Texts;

/// <summary>
/// Texts as tokens and tokens as texts again, for models that write. Decoding what was encoded gives the text back, but for characters that
/// the tokenizer doesn't know, which are left out: <see cref="Unknown"/> names them. It is used on any number of threads at once.
/// </summary>
public abstract record Tokenizer : TextPreprocessing
{
    /// <summary>The number of tokens that there are; they are numbered from 0.</summary>
    public abstract int Size { get; }

    /// <summary>Appends the tokens of a text.</summary>
    public abstract void Encode(ReadOnlySpan<char> text, List<int> tokens);

    /// <summary>Appends what a token stands for, in UTF-8: a token may be a part of a character.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public abstract void Decode(int token, List<byte> bytes);

    /// <summary>The characters of a text that it doesn't know, each once, in the order of the text.</summary>
    public virtual string Unknown(ReadOnlySpan<char> text) => "";

    /// <summary>The tokens of a text.</summary>
    public int[] Encode(string text)
    {
        var tokens = new List<int>();
        Encode(text, tokens);
        return [.. tokens];
    }

    /// <summary>Texts of the same number of tokens as a tensor: int32 (texts, tokens).</summary>
    /// <exception cref="FormatException">They have different numbers of tokens.</exception>
    public override Tensor Encode(IReadOnlyList<string> texts)
    {
        int[][] all = [.. texts.Select(Encode)];
        int length = all.Length == 0 ? 0 : all[0].Length;
        if (Array.FindIndex(all, tokens => tokens.Length != length) is >= 0 and int other)
            throw new FormatException($"text {other} has {all[other].Length} tokens, text 0 {length}: texts of one batch have the same number");
        return Tensor.Create<int>(new Shape(all.Length, length), values =>
        {
            for (int i = 0; i < all.Length; i++) all[i].CopyTo(values.Slice(i * length, length));
        });
    }

    /// <summary>The text of tokens; what is no character in UTF-8 becomes <c>�</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public string Decode(IEnumerable<int> tokens)
    {
        var decoder = new TokenDecoder(this);
        return string.Concat(tokens.Select(decoder.Add)) + decoder.End();
    }
}
