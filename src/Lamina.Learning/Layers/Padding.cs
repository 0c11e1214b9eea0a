using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Lamina.Learning.Layers;

/// <summary>
/// What is put around an image or sequence before a window moves over it. <c>default</c> is <see cref="Valid"/>; a number
/// puts as many on every side.
/// </summary>
public readonly record struct Padding : IParsable<Padding>
{
    private enum Kind : byte { Given, Same, Causal }

    private readonly Kind _kind;
    private readonly int _top, _left, _bottom, _right;

    private Padding(Kind kind, int top = 0, int left = 0, int bottom = 0, int right = 0)
    {
        _kind = kind;
        (_top, _left, _bottom, _right) = (Expect.AtLeast(0, top), Expect.AtLeast(0, left), Expect.AtLeast(0, bottom), Expect.AtLeast(0, right));
    }

    /// <summary>None: the window stays inside.</summary>
    public static Padding Valid => default;

    /// <summary>As much as makes size / stride (rounded up) results, half on each side, an odd one at the end (as TensorFlow's SAME).</summary>
    public static Padding Same { get; } = new(Kind.Same);

    /// <summary>All of it before the first step, so that a result never depends on later steps; for sequences only.</summary>
    public static Padding Causal { get; } = new(Kind.Causal);

    /// <summary>So many rows and columns on each side of an image.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is negative.</exception>
    public static Padding Of(int top, int left, int bottom, int right) => new(Kind.Given, top, left, bottom, right);

    /// <summary>So many steps before and after a sequence.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is negative.</exception>
    public static Padding Of(int before, int after) => new(Kind.Given, before, before, after, after);

    /// <summary>The same on every side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static implicit operator Padding(int everySide) => Of(everySide, everySide, everySide, everySide);

    /// <summary>The padding whose <see cref="ToString"/> gives a text.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static Padding Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out Padding padding) ? padding
            : throw new FormatException($"'{s}' is no padding: same, valid, causal, or padding 1, padding 1+2 or padding 1+2×3+4");

    /// <summary>The padding whose <see cref="ToString"/> gives a text, if there is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Padding result)
    {
        result = s switch { "same" => Same, "causal" => Causal, _ => Valid };
        if (s is "same" or "causal" or "valid") return true;
        if (s is null || !s.StartsWith("padding ", StringComparison.Ordinal)) return false;
        string[] sides = s["padding ".Length..].Split('+', '×');
        var sizes = new int[sides.Length];
        for (int i = 0; i < sizes.Length; i++)
            if (!int.TryParse(sides[i], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i])) return false;
        result = sizes switch
        {
            [int all] => all,
            [int before, int after] => Of(before, after),
            [int top, int bottom, int left, int right] => Of(top, left, bottom, right),
            _ => default,
        };
        return result.ToString() == s;
    }

    internal bool IsCausal => _kind == Kind.Causal;

    /// <summary>Rows above and below, for images of a height, a window over so many rows and a stride.</summary>
    internal (int Before, int After) Rows(int size, int span, int stride) => Resolve(size, span, stride, _top, _bottom);

    /// <summary>Columns left and right, or steps before and after.</summary>
    internal (int Before, int After) Columns(int size, int span, int stride) => Resolve(size, span, stride, _left, _right);

    private (int, int) Resolve(int size, int span, int stride, int before, int after)
    {
        if (_kind == Kind.Causal) return (span - 1, 0);
        if (_kind == Kind.Given) return (before, after);
        int total = Math.Max(0, ((size + stride - 1) / stride - 1) * stride + span - size);
        return (total / 2, total - total / 2);
    }

    /// <summary><c>same</c>, <c>valid</c>, <c>causal</c>, or the numbers.</summary>
    public override string ToString() => this == Valid ? "valid" : _kind != Kind.Given ? _kind.ToString().ToLowerInvariant()
        : _top == _left && _left == _bottom && _bottom == _right ? $"padding {_top}"
        : _top == _left && _bottom == _right ? $"padding {_left}+{_right}" : $"padding {_top}+{_bottom}×{_left}+{_right}";
}

/// <summary>A height and a width; a number is both.</summary>
public readonly record struct Extent(int Height, int Width)
{
    /// <summary>A square.</summary>
    public static implicit operator Extent(int side) => new(side, side);

    /// <summary>(height, width).</summary>
    public static implicit operator Extent((int Height, int Width) size) => new(size.Height, size.Width);

    internal Extent AtLeast(int least, string option)
    {
        Expect.AtLeast(least, Height, option);
        Expect.AtLeast(least, Width, option);
        return this;
    }

    /// <summary><c>3</c> for a square, <c>3×2</c> otherwise.</summary>
    internal string Short => Height == Width ? $"{Height}" : ToString();

    /// <summary><c>3×3</c></summary>
    public override string ToString() => $"{Height}×{Width}";
}
