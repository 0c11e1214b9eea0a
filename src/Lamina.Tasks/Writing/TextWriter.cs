using System.Numerics.Tensors;
using System.Text;
using Lamina.Learning.Generation;
using Lamina.Learning.Texts;
using Lamina.Models;
using Lamina.Tasks.Spine;
using Lamina.Tensors.Shapes;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Writing;

/// <summary>Writes on from a prompt with a run's network, a token at a time.</summary>
/// <param name="model">The run and its network.</param>
/// <param name="sampling">How tokens are chosen.</param>
internal sealed class TextWriter(TaskModel model, SamplingOptions sampling)
{
    private readonly Tokenizer _tokenizer = WritingTask.TokenizerOf(WritingTask.RecipeOf(model.Run));
    private readonly bool _isList = WritingTask.RecipeOf(model.Run).IsList;
    private readonly ILanguageModel _network = (ILanguageModel)model.Network;

    /// <summary>Whether each line ends in a tab and its loss, in nats a token, the line end among them: how surprising the network finds it.</summary>
    public bool HasLoss { get; init; }

    /// <summary>The text that follows a prompt, in pieces, computed as they are asked for.</summary>
    /// <param name="prompt">What it begins with, which isn't given again; where it is empty, a line begins.</param>
    /// <param name="length">Number of tokens.</param>
    /// <param name="lines">Stops after so many lines that aren't empty; null: not before the length.</param>
    /// <param name="cancel">Stops between two tokens.</param>
    public IEnumerable<string> Write(string prompt, long length, int? lines, CancellationToken cancel)
    {
        int[] read = _tokenizer.Encode(prompt);
        if (read.Length == 0) read = _tokenizer.Encode("\n");
        if (read.Length == 0) read = [0];
        if (_isList && !prompt.StartsWith('\n') && _tokenizer.Encode("\n") is [var first]) read = [first, .. read.Where(_ => prompt.Length > 0)];
        if (_network.Context is { } context && read.Length > context) read = read[^context..];
        TokenMemory memory = _network.CreateMemory();
        var sampler = new TokenSampler(sampling, _network.Vocabulary);
        var decoder = new TokenDecoder(_tokenizer);
        var recent = new Queue<int>(read);
        int looked = _network.Context ?? 64, filled = 0, done = 0, tokens = 0;
        double loss = 0;
        Tensor logits = memory.Next(One(read[0]));
        foreach (int token in read.Skip(1)) logits = memory.Next(One(token));
        for (long written = 0; written < length; written++)
        {
            cancel.ThrowIfCancellationRequested();
            while (recent.Count > looked) recent.Dequeue();
            int token = sampler.Next(logits.Read<float>(), sampling.RepetitionPenalty == 1 ? [] : recent.ToArray());
            recent.Enqueue(token);
            string text = decoder.Add(token);
            if (HasLoss)
            {
                (loss, tokens) = (loss + Surprise(logits.Read<float>(), token), tokens + 1);
                if (text.IndexOf('\n') is >= 0 and var end)
                {
                    // A token with the line's end in it belongs to the line.
                    if (filled + end > 0) text = text.Insert(end, FormattableString.Invariant($"\t{loss / tokens:F3}"));
                    (loss, tokens) = (0, 0);
                }
            }
            if (text.Length > 0) yield return text;
            foreach (char c in text)
            {
                if (c != '\n') filled++;
                else if (filled > 0) (done, filled) = (done + 1, 0);
            }
            if (done >= lines) yield break;
            if (written + 1 < length) logits = memory.Next(One(token));
        }
        if (decoder.End() is { Length: > 0 } rest) yield return rest;
    }

    // −ln p of a token.
    private static double Surprise(ReadOnlySpan<float> logits, int token)
    {
        float most = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (float logit in logits) sum += Math.Exp((double)logit - most);
        return Math.Log(sum) + most - logits[token];
    }

    private static Tensor One(int token) => Tensor.From((int[])[token], new Shape(1, 1));
}
