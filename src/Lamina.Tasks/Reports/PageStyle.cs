namespace Lamina.Tasks.Reports;

/// <summary>The frame of a page and its style sheet: light and dark by the reader's setting, from narrow telephones to wide screens, and for paper.</summary>
internal static class PageStyle
{
    // Blue and orange of Okabe and Ito (2008), which differ for all kinds of colour vision; texts have a contrast of 4.5 and more (WCAG 2.2, AA).
    private const string Style = """
        :root { color-scheme: light dark; --page: #fbfbfa; --card: #ffffff; --text: #1b1d21; --soft: #565b64; --line: #d9dbdf; --a: #0067a3; --b: #b84a00; --mark: #6b7079; --heat: #0067a3; --heat-most: 72%; --good: #00664a; }
        @media (prefers-color-scheme: dark) { :root { --page: #14161a; --card: #1c1f24; --text: #e9ebee; --soft: #a9b0ba; --line: #3a3f47; --a: #6bbcf2; --b: #f2a154; --mark: #98a0ab; --heat: #2a86c4; --heat-most: 68%; --good: #5fd0a8; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        main { max-width: 1160px; margin: 0 auto; padding: 1.25rem clamp(0.85rem, 3vw, 2rem) 3rem; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.4rem 0 0.2rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2.4rem 0 0.7rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--line); }
        p { margin: 0.4rem 0; max-width: 75ch; overflow-wrap: anywhere; }
        .soft, figcaption, .legend { color: var(--soft); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.75rem; margin: 1.1rem 0; padding: 0; list-style: none; }
        .tiles li, .plot { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
        .tiles li { padding: 0.7rem 0.9rem; }
        .tiles b { display: block; font-size: 1.55rem; line-height: 1.25; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .tiles span { display: block; font-size: 0.85rem; color: var(--soft); }
        .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 0.9rem; }
        .plot { margin: 0; padding: 0.7rem 0.8rem; max-width: 35rem; }
        .plot > svg { display: block; width: 100%; height: auto; margin-top: 0.3rem; }
        .plot figcaption { color: var(--text); font-weight: 600; }
        .legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.1rem; font-size: 0.85rem; margin: 0.2rem 0 0; }
        .legend svg { width: 24px; height: 8px; margin-right: 0.4rem; vertical-align: middle; }
        svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--soft); }
        .end { text-anchor: end; } .middle { text-anchor: middle; }
        .label { fill: var(--text); }
        .grid { stroke: var(--line); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .dots { fill: none; stroke-width: 5; stroke-linecap: round; }
        .a { stroke: var(--a); } .b { stroke: var(--b); stroke-dasharray: 6 3; } .dots.b { stroke-dasharray: none; }
        .cloud { stroke-width: 4; stroke-opacity: 0.55; } .bar, .bin { fill: var(--a); } .bin { fill-opacity: 0.75; }
        .band { fill: var(--b); fill-opacity: 0.16; stroke: none; }
        .mark { stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 2 3; }
        .scroll { overflow-x: auto; max-width: 100%; } .scroll:focus-visible { outline: 2px solid var(--a); outline-offset: 2px; }
        table { border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--soft); padding-bottom: 0.4rem; }
        th, td { padding: 0.28rem 0.7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; } td.n, th.n { text-align: right; } td.n, th.n, td.place { white-space: nowrap; }
        td.w { max-width: 26rem; overflow-wrap: break-word; } .word { display: inline-block; max-width: 100%; }
        .heat td { text-align: right; padding: 0.28rem 0.5rem; background: color-mix(in srgb, var(--heat) calc(var(--v, 0) * var(--heat-most)), var(--card)); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        .heat th { white-space: nowrap; } .heat .right { font-weight: 700; outline: 1px solid var(--soft); outline-offset: -2px; }
        .heat .zero { color: var(--soft); }
        .worst { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 0.9rem; padding: 0; margin: 0.8rem 0; list-style: none; }
        .worst figure { margin: 0; } .worst img { display: block; width: 112px; height: 112px; object-fit: contain; image-rendering: pixelated; background: #000; border: 1px solid var(--line); }
        .worst figcaption { font-size: 0.85rem; line-height: 1.35; margin-top: 0.3rem; overflow-wrap: anywhere; } .worst b { color: var(--text); }
        .sheet { display: block; image-rendering: pixelated; max-width: 100%; height: auto; }
        .texts { padding-left: 1.6rem; max-width: 85ch; } .texts li { margin: 0.7rem 0; overflow-wrap: anywhere; } .texts q { quotes: none; }
        dl { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: 0.2rem 1.1rem; margin: 0.6rem 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
        pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 0.7rem 0.9rem; white-space: pre-wrap; overflow-wrap: anywhere; } code, pre { font: 0.9rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
        a { color: var(--a); }
        @media (max-width: 34rem) { .plot { padding: 0.5rem 0.4rem; } th, td { padding: 0.26rem 0.42rem; } .heat td, .heat th { padding: 0.2rem 0.26rem; font-size: 0.85rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.45rem; } svg text { font-size: 13.5px; } }
        @media print { :root { color-scheme: light; --page: #fff; --card: #fff; --text: #000; --soft: #444; --line: #ccc; --a: #0067a3; --b: #b84a00; --mark: #666; --heat: #0067a3; --heat-most: 72%; } main { max-width: none; padding: 0; } .plot, .tiles li, .worst li, tr { break-inside: avoid; } h2 { break-after: avoid; } .scroll { overflow: visible; } }
        """;

    /// <summary>A whole page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="body">What is in it.</param>
    public static string Page(string title, Markup body) => new HtmlWriter().Add($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="generator" content="Lamina">
        <title>{title}</title>
        <style>
        {new Markup(Style)}
        </style>
        </head>
        <body>
        <main>
        {body}
        </main>
        </body>
        </html>

        """).Markup.Html;
}
