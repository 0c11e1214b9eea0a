using System.Text;
using Lamina.Formats;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lamina.Cli.Rendering;

/// <summary>
/// Text on its way to the screen. Spectre draws into memory, so that what belongs together is written at once and the
/// terminal doesn't flicker; without colours it's text and nothing else.
/// </summary>
internal sealed class Canvas
{
    private const int Unbroken = 1 << 20;

    private readonly Screen _screen;
    private readonly StringWriter _text = new() { NewLine = "\n" };
    private readonly IAnsiConsole _console;

    public Canvas(Screen screen)
    {
        _screen = screen;
        bool hasColors = screen.Colors != ColorSystem.NoColors;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = (ColorSystemSupport)screen.Colors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_text),
            // What CI servers and terminals can do was settled when the screen was made.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        _console.Profile.Capabilities.Unicode = screen.IsUnicode;
        _console.Profile.Capabilities.Links = false;
        _console.Profile.Capabilities.ColorSystem = screen.Colors;
    }

    public bool IsEmpty => _text.GetStringBuilder().Length == 0;

    public int Width => _screen.Width();

    /// <summary>A line of markup. It's never broken: paths stay whole, so that they can be copied.</summary>
    public void Line(string markup = "")
    {
        _console.Profile.Width = Unbroken;
        _console.MarkupLine(markup);
    }

    /// <summary>Text from outside as it is, with its line ends and tabs; other control characters are shown by their numbers.</summary>
    public void Text(string text) => _text.Write(string.Join('\n', text.Split('\n').Select(line => string.Join('\t', line.Split('\t').Select(Clean)))));

    /// <summary>Something that fits itself into the width.</summary>
    public void Write(IRenderable renderable)
    {
        _console.Profile.Width = Width;
        _console.Write(renderable);
    }

    /// <summary>Takes what was drawn.</summary>
    public string Take()
    {
        StringBuilder text = _text.GetStringBuilder();
        string taken = text.ToString().ReplaceLineEndings("\n");
        text.Clear();
        return taken;
    }

    /// <summary>Text from outside as markup that shows it as it is.</summary>
    public static string Safe(string text) => Markup.Escape(Clean(text));

    /// <summary>Text from outside without what could steer a terminal: file and class names may hold anything.</summary>
    public static string Clean(string text) => ForeignText.Show(text);
}
