using Lamina.Learning.Training;
using Lamina.Tasks;
using Spectre.Console;

namespace Lamina.Cli.Rendering;

/// <summary>For terminals that somebody watches: a bar that moves below the lines that stay.</summary>
internal sealed class TerminalView(Screen screen) : TextView(screen)
{
    private const int NarrowestBar = 8, WidestBar = 60;

    private readonly LiveRegion _region = new();
    private readonly Canvas _live = new(screen);
    private bool _isClosed;

    public override void Tick() => Draw(_isClosed ? [] : Live());

    public override void Close()
    {
        _isClosed = true;
        Tick();
    }

    private void Draw(IReadOnlyList<string> markups)
    {
        int width = Screen.Width();
        var lines = new List<(string, int)>();
        foreach (string markup in markups)
        {
            int columns = Markup.Remove(markup).Length;
            if (columns >= width) continue; // too narrow for it: better no line than a broken one
            _live.Line(markup);
            lines.Add((_live.Take().TrimEnd('\n'), columns));
        }
        string output = _region.Draw(Canvas.Take(), lines, width);
        if (output.Length > 0) Screen.Write(output);
    }

    private string[] Live()
    {
        if (Preparation is { } p)
            return [Bar(Canvas.Safe(p.What), p.Total > 0 ? (double)p.Done / p.Total : 0, p.Total > 0 ? $"{Words.Count(p.Done)}/{Words.Count(p.Total)}"
                : Words.Count(p.Done))];
        if (Progress.Plan is not { } plan || IsTested) return [];
        if (Progress.End is { } end) return end.Reason == FinishReason.Interrupted ? [] : ["[grey]testing …[/]"];
        if (Progress.Last is not { } last) return [Bar($"epoch 1/{plan.Epochs}", Progress.Share, "getting ready")];
        string step = $"step {Words.Count(last.StepInEpoch)}/{Words.Count(plan.StepsPerEpoch)}";
        return [Bar($"epoch {last.Epoch}/{plan.Epochs}", Progress.Share, step), .. Details(last)];
    }

    // On a narrow terminal the least important go first.
    private IEnumerable<string> Details(StepDone last)
    {
        List<string> parts = [$"loss {Words.Loss(last.Loss)}"];
        if (Progress.TimeLeft is { } time) parts.Add($"{Words.Duration(time)} left");
        if (Progress.IsValidating) parts.Add("validating");
        else if (Progress.Speed > 0) parts.Add($"{Words.Count((long)Progress.Speed)} examples/s");
        parts.Add($"learning rate {Words.Rate(last.LearningRate)}");
        string text = "  " + string.Join(" · ", parts);
        while (parts.Count > 1 && text.Length >= Screen.Width())
        {
            parts.RemoveAt(parts.Count - 1);
            text = "  " + string.Join(" · ", parts);
        }
        yield return $"[grey]{text}[/]";
    }

    private string Bar(string before, double share, string after)
    {
        int room = Screen.Width() - Markup.Remove(before).Length - after.Length - 5;
        int columns = Math.Min(room, WidestBar);
        if (columns < NarrowestBar) return $"{before}  {after}";
        int filled = (int)(columns * Math.Clamp(share, 0, 1));
        return $"{before}  [green]{new string('━', filled)}[/][grey]{new string('─', columns - filled)}[/]  {after}";
    }
}
