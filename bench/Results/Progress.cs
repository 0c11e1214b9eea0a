using System.Diagnostics;

namespace Lamina.Results;

/// <summary>How far a row is: one line that is written over on a terminal, otherwise a line where something has changed and ten seconds have passed.</summary>
internal sealed class Progress(TextWriter error, string row) : IDisposable
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _last;
    private int _width;

    public void Tell(string what)
    {
        TimeSpan passed = Stopwatch.GetElapsedTime(_began);
        if (!_isTerminal && _last != 0 && Stopwatch.GetElapsedTime(_last) < BetweenLines) return;
        _last = Stopwatch.GetTimestamp();
        string line = $"{row}: {what}, {passed.TotalSeconds:0} s";
        if (_isTerminal) error.Write($"\r{line.PadRight(_width)}");
        else error.WriteLine(line);
        _width = line.Length;
    }

    public void Dispose()
    {
        if (_isTerminal && _width > 0) error.Write($"\r{new string(' ', _width)}\r");
    }
}
