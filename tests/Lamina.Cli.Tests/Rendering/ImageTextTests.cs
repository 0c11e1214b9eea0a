using Lamina.Cli.Rendering;
using Lamina.Tasks;

namespace Lamina.Cli.Tests.Rendering;

public sealed class ImageTextTests
{
    [Fact]
    public void A_digit_takes_28_columns_and_14_lines()
    {
        string[] lines = ImageText.Draw(FakeJobs.Ring(28, 28), inColor: false);
        Assert.Equal(14, lines.Length);
        Assert.All(lines, line => Assert.Equal(28, line.Length));
        Assert.Equal("    @@@@@              @@@@@    ", "  " + lines[5] + "  ");
    }

    [Fact]
    public void Light_goes_up_a_ramp()
    {
        // Two rows to a line: their mean counts.
        var image = new ImageSample([0, 128, 255, 255, 0, 128, 255, 0], 2, 4, 1);
        Assert.Equal([" =@="], ImageText.Draw(image, inColor: false));
    }

    [Fact]
    public void Half_blocks_show_two_rows_and_join_what_is_equal()
    {
        var image = new ImageSample([0, 0, 255, 9, 9, 128], 2, 3, 1);
        Assert.Equal(["[#000000 on #090909]▀▀[/][#ffffff on #808080]▀[/]"], ImageText.Draw(image, inColor: true));
    }

    [Fact]
    public void The_last_of_an_odd_number_of_rows_stands_alone()
    {
        var image = new ImageSample([255, 0, 0, 0, 255, 0, 0, 0, 255], 3, 1, 3);
        Assert.Equal(["[#ff0000 on #00ff00]▀[/]", "[#0000ff]▀[/]"], ImageText.Draw(image, inColor: true));
    }

    [Theory]
    [InlineData(280, 280, 28, 14)]
    [InlineData(32, 32, 28, 14)]
    [InlineData(1000, 50, 1, 14)]
    [InlineData(50, 1000, 28, 1)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(8, 5, 5, 4)]
    public void Large_images_are_scaled_down_and_small_ones_are_left(int height, int width, int columns, int lines)
    {
        string[] drawn = ImageText.Draw(FakeJobs.Ring(height, width), inColor: false);
        Assert.Equal(lines, drawn.Length);
        Assert.All(drawn, line => Assert.Equal(columns, line.Length));
    }

    [Theory]
    [InlineData(80, 2)]
    [InlineData(120, 4)]
    [InlineData(20, 1)]
    public void As_many_images_stand_beside_each_other_as_fit(int width, int count)
    {
        ImageSample[] images = [.. Enumerable.Repeat(FakeJobs.Ring(28, 28), 5)];
        Assert.All(ImageText.Row(images, inColor: false, width), line => Assert.Equal((30 * count) - 2, line.Length));
    }
}
