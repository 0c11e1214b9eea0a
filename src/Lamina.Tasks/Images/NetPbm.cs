namespace Lamina.Tasks.Images;

/// <summary>
/// Images in the binary formats of Netpbm, grey (PGM, P5) and colour (PPM, P6), of at most 255 levels, as traffic signs and faces are often
/// published: a header in text, then the rows without packing. They are resized row by row, without a copy.
/// </summary>
internal static class NetPbm
{
    private const int Rgb = 3, White = 255;

    /// <summary>Whether a file begins as such an image does.</summary>
    internal static bool Is(ReadOnlySpan<byte> file) => file.Length > 3 && file[0] == 'P' && file[1] is (byte)'5' or (byte)'6'
        && char.IsWhiteSpace((char)file[2]);

    /// <summary>The size that the header gives; null where it gives none.</summary>
    internal static ImageSize? ReadSize(ReadOnlySpan<byte> file) => Header(file, out ImageSize size, out _, out _) is null ? size : null;

    /// <summary>Decodes to RGB of the given size, as <see cref="ImageDecoder.Decode"/> does.</summary>
    internal static string? Decode(ReadOnlySpan<byte> file, ImageSize goal, Span<byte> target, ImageReadOptions options, out ImageFacts facts)
    {
        facts = default;
        if (Header(file, out ImageSize size, out int levels, out int start) is { } problem) return problem;
        if (size.Longer > options.MaximumSide || size.Area > options.MaximumPixels)
            return $"claims {size} pixels, more than {options.MaximumSide} per side or {options.MaximumPixels} in total";
        int channels = file[1] == '5' ? 1 : Rgb;
        if (file.Length - start < size.Area * channels) return "truncated";
        var rows = new RowResizer(size, goal, Rgb);
        var row = new byte[size.Width * Rgb];
        bool isGrey = true;
        for (int y = 0; y < size.Height; y++)
        {
            ReadOnlySpan<byte> line = file.Slice(start + (y * size.Width * channels), size.Width * channels);
            for (int i = 0; i < row.Length; i++) row[i] = Level(line[channels == 1 ? i / Rgb : i], levels);
            if (channels == Rgb && isGrey) isGrey = IsGrey(row);
            rows.Push(row, target);
        }
        facts = new(isGrey, size != goal, Transparent: false, StoredGrey: channels == 1);
        return null;
    }

    private static byte Level(byte value, int levels) => levels == White ? value : (byte)Math.Min(White, ((value * White) + (levels / 2)) / levels);

    private static bool IsGrey(ReadOnlySpan<byte> rgb)
    {
        for (int i = 0; i < rgb.Length; i += Rgb)
            if (rgb[i] != rgb[i + 1] || rgb[i] != rgb[i + 2]) return false;
        return true;
    }

    // P6, width, height and the number of levels, with blanks between them, comments from # to the line's end, and one blank before the pixels.
    private static string? Header(ReadOnlySpan<byte> file, out ImageSize size, out int levels, out int start)
    {
        (size, levels, start) = (default, 0, 2);
        Span<int> numbers = stackalloc int[3];
        for (int n = 0; n < numbers.Length; n++)
        {
            while (start < file.Length && (char.IsWhiteSpace((char)file[start]) || file[start] == '#'))
            {
                if (file[start] == '#')
                    while (start < file.Length && file[start] is not ((byte)'\n' or (byte)'\r')) start++;
                else start++;
            }
            int first = start;
            for (; start < file.Length && char.IsAsciiDigit((char)file[start])
                && start - first < 9; start++) numbers[n] = (numbers[n] * 10) + file[start] - '0';
            if (start == first) return "a damaged header";
        }
        start++;
        (size, levels) = (new(numbers[1], numbers[0]), numbers[2]);
        return size.Area == 0 ? "no pixels" : levels is < 1 or > White ? $"{levels} levels of brightness, more than the {White} that are read" : null;
    }
}
