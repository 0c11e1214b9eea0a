using Lamina.Tasks.Runs;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Writing;

/// <summary>Tells new lines from those that a list has, and from those that were written already.</summary>
internal sealed class NewLines
{
    // What was written counts up to so many lines, so that memory has an end.
    private const int MostWritten = 1 << 20;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly int _most;
    private int _refused;

    /// <summary>So many known lines one behind the other, and a network has nothing new to say.</summary>
    public const int MostRefused = 1_000;

    /// <summary>The list that a run learned from.</summary>
    /// <param name="run">The run.</param>
    /// <param name="context">Is told where the list isn't there any more.</param>
    public NewLines(RunInfo run, TaskContext context)
    {
        var last = new System.Text.StringBuilder();
        void Add(ReadOnlySpan<char> piece)
        {
            int from = 0;
            for (int at; (at = piece[from..].IndexOf('\n')) >= 0; from += at + 1)
            {
                _known.Add(last.Append(piece.Slice(from, at)).ToString().Trim());
                last.Clear();
            }
            last.Append(piece[from..]);
        }
        try
        {
            if (run.Data is null) Add(Rhymes.Text());
            else BookReader.Read(BookReader.Files(run.Data), Add, null, context.Cancel);
            _known.Add(last.ToString().Trim());
        }
        catch (DataException e)
        {
            context.Tell(new Warned($"which lines are new can't be told: {e.Message.Split('\n')[0]}"));
        }
        _most = _known.Count + MostWritten;
    }

    /// <summary>Whether it had to refuse too many.</summary>
    public bool IsExhausted => _refused >= MostRefused;

    /// <summary>Whether a line is new; it isn't from now on.</summary>
    public bool Takes(string line)
    {
        string item = line.Trim();
        bool isNew = item.Length > 0 && (_known.Count < _most ? _known.Add(item) : !_known.Contains(item));
        _refused = isNew ? 0 : _refused + 1;
        return isNew;
    }
}
