using System.Globalization;
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

    /// <summary>Leaves out lines that aren't new; null: writes each.</summary>
    public NewLines? New { get; init; }

    /// <summary>
    /// A prompt and the text that follows it, in pieces, computed as they are asked for. Of a list each line begins with the prompt's last one,
    /// and what comes before that is read, not written.
    /// </summary>
    /// <param name="prompt">What it begins with; where it is empty, a line begins.</param>
    /// <param name="length">Number of tokens that are written, the prompt not counted.</param>
    /// <param name="lines">Stops after so many lines that aren't empty; null: not before the length.</param>
    /// <param name="cancel">Stops between two tokens.</param>
    public IEnumerable<string> Write(string prompt, long length, int? lines, CancellationToken cancel)
    {
        // As the network reads it: without characters that it doesn't know.
        string shown = _tokenizer.Decode(_tokenizer.Encode(prompt)), begin = shown[(_isList ? shown.LastIndexOf('\n') + 1 : 0)..];
        int[] again = _isList ? _tokenizer.Encode(begin) : [];
        TokenMemory memory = _network.CreateMemory();
        var sampler = new TokenSampler(sampling, _network.Vocabulary);
        var decoder = new TokenDecoder(_tokenizer);
        var recent = new Queue<int>();
        int looked = _network.Context ?? 64, tokens = 0;
        var line = new StringBuilder(begin);
        bool hasText = begin.Length > 0 && begin[^1] != '\n';
        int done = 0;
        long written = 0, ofLine = 0;
        double loss = 0;
        Tensor logits = null!;
        foreach (int token in FirstTokens(prompt)) Read(token);
        while (written < length)
        {
            cancel.ThrowIfCancellationRequested();
            int token = sampler.Next(logits.Read<float>(), sampling.RepetitionPenalty == 1 ? [] : recent.ToArray());
            (loss, tokens, ofLine, written) = (loss + (HasLoss ? Surprise(logits.Read<float>(), token) : 0), tokens + 1, ofLine + 1, written + 1);
            string text = decoder.Add(token);
            bool endsLine = text.Contains('\n');
            // A token may hold the end of a line and the beginning of the next, which with a prompt is the prompt's.
            for (int end; (end = text.IndexOf('\n')) >= 0; text = again.Length > 0 ? "" : text[(end + 1)..])
            {
                line.Append(text, 0, end);
                hasText |= end > 0;
                if (New?.Takes(line.ToString()) ?? true)
                {
                    if (HasLoss && hasText) line.Append(CultureInfo.InvariantCulture, $"\t{loss / tokens:F3}");
                    yield return line.Append('\n').ToString();
                    if (hasText) done++;
                }
                else written -= ofLine;
                if (done >= lines || New is { IsExhausted: true }) yield break;
                line.Clear().Append(_isList ? begin : "");
                hasText = line.Length > 0;
                (loss, tokens, ofLine) = (0, 0, 0);
            }
            line.Append(text);
            hasText |= text.Length > 0;
            // What may still be refused waits for its end, and the prompt for what follows it.
            if (New is null && line.Length > 0 && !(endsLine && again.Length > 0))
            {
                yield return line.ToString();
                line.Clear();
            }
            if (written < length) Read(token);
            if (endsLine)
                foreach (int each in again) Read(each);
        }
        // A new item that the length has cut isn't given: it may be none.
        if (New is not null) yield break;
        string rest = decoder.End();
        if (HasLoss && tokens > 0 && hasText) rest += string.Create(CultureInfo.InvariantCulture, $"\t{loss / tokens:F3}");
        if (rest.Length > 0) yield return rest;

        void Read(int token)
        {
            recent.Enqueue(token);
            while (recent.Count > looked) recent.Dequeue();
            logits = memory.Next(One(token));
        }
    }

    // What the network reads before it writes: of a list from the beginning of a line, and no more than it looks back on.
    private int[] FirstTokens(string prompt)
    {
        int[] read = _tokenizer.Encode(prompt), lineEnd = _tokenizer.Encode("\n");
        if (_isList && !prompt.StartsWith('\n') && lineEnd is [var first]) read = [first, .. read];
        if (read.Length == 0) read = lineEnd;
        if (read.Length == 0) read = [0];
        return _network.Context is { } context && read.Length > context ? read[^context..] : read;
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
