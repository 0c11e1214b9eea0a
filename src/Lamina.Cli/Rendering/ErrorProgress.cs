namespace Lamina.Cli.Rendering;

/// <summary>
/// A line on standard error that says how many inputs are done, drawn over ten times a second at most. It's taken away
/// before anything else is written, since both streams may go to one terminal. Without a terminal it's nothing.
/// </summary>
internal sealed class ErrorProgress(Screen screen, int? total, string item)
{
    private const int FewestToShow = 65; // a single group is done before it could be read
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    private readonly bool _isShown = screen.IsErrorInteractive && (total is null or >= FewestToShow);
    private long? _last;
    private bool _isDrawn;

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        if (!_isDrawn) return;
        screen.WriteErrorPart("\r\e[K");
        _isDrawn = false;
    }

    /// <summary>Draws the line, where enough time has passed.</summary>
    public void Show(int done)
    {
        if (!_isShown || _last is { } last && screen.Clock.GetElapsedTime(last) < Between) return;
        _last = screen.Clock.GetTimestamp();
        screen.WriteErrorPart(total is { } all ? $"\r\e[K{Words.Count(done)} of {Words.Count(all, item)}, {100L * done / all} %"
            : $"\r\e[K{Words.Count(done, item)}");
        _isDrawn = true;
    }
}
