using Lamina.Cli.Rendering;

namespace Lamina.Cli.Tests.Rendering;

public class DisplayWidthTests
{
    [Theory]
    [InlineData("cat", 3)]
    [InlineData("", 0)]
    [InlineData("café", 4)]
    [InlineData("cafe\u0301", 4)]
    [InlineData("猫", 2)]
    [InlineData("日本語", 6)]
    [InlineData("한글", 4)]
    [InlineData("\u1112\u1161\u11ab", 2)]
    [InlineData("ｶﾞ", 2)]
    [InlineData("😀", 2)]
    [InlineData("🇩🇪", 2)]
    [InlineData("❤\uFE0F", 2)]
    [InlineData("❤", 1)]
    [InlineData("👍🏽", 2)]
    [InlineData("Кот", 3)]
    [InlineData("กำ", 2)]
    public void Counts_columns(string text, int columns) => Assert.Equal(columns, DisplayWidth.Of(text));

    [Theory]
    [InlineData("日本語", 6, "日本語")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    [InlineData("cafe\u0301s", 5, "cafe\u0301s")]
    [InlineData("cafe\u0301s", 4, "caf…")]
    [InlineData("a\nb", 24, @"a\u000ab")]
    public void Cuts_by_columns(string text, int most, string cut) => Assert.Equal(cut, Words.Cut(text, most));

    [Fact]
    public void Pads_to_columns() => Assert.Equal("猫  |", DisplayWidth.Pad("猫", 4) + "|");
}
