using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Lamina.Formats;

namespace Lamina.Tasks.Reports;

/// <summary>A piece of finished HTML.</summary>
internal readonly record struct Markup(string Html);

/// <summary>
/// Builds HTML from interpolated strings: what stands in the literal is markup, and every value in braces is text that is made visible and
/// escaped. So nothing that comes from data can become markup; only a <see cref="Markup"/> is taken as it is.
/// </summary>
internal sealed class HtmlWriter
{
    /// <summary>The longest text of a value; what is longer is cut.</summary>
    public const int LongestText = 2_000;

    private readonly StringBuilder _html = new();

    /// <summary>Adds markup with values in it.</summary>
    public HtmlWriter Add([InterpolatedStringHandlerArgument("")] ref Handler markup) => this;

    /// <summary>What was written so far.</summary>
    public Markup Markup => new(_html.ToString());

    /// <summary>Characters written so far.</summary>
    public int Length => _html.Length;

    /// <summary>Text for HTML: control characters and those that turn the direction of reading are made visible, then markup is escaped.</summary>
    public static string Escape(string text, int most = LongestText) => WebUtility.HtmlEncode(ForeignText.Show(text, most));

    /// <summary>Text of several lines for HTML that keeps its line ends.</summary>
    public static Markup Lines(string text, int most) => new(string.Join('\n', Cut(text, most).Split('\n').Select(line => Escape(line, most))));

    /// <summary>The beginning of a text, with an ellipsis in place of what is cut; a surrogate pair stays whole.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";

    [InterpolatedStringHandler]
    internal readonly ref struct Handler
    {
        private readonly StringBuilder _html;

        public Handler(int literals, int values, HtmlWriter writer) => _html = writer._html;

        public void AppendLiteral(string markup) => _html.Append(markup);

        public void AppendFormatted(string? text) => _html.Append(Escape(text ?? ""));

        public void AppendFormatted(Markup markup) => _html.Append(markup.Html);

        public void AppendFormatted(long number) => _html.Append(CultureInfo.InvariantCulture, $"{number}");

        // As JSON writes it, or a coordinate with its format.
        public void AppendFormatted(double number, string format = "R") => _html.Append(number.ToString(format, CultureInfo.InvariantCulture));
    }
}
