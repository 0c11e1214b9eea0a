using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

public sealed class ImageSetTests
{
    private static ImageSet Set(byte[]? pixels = null, int height = 1, int width = 2, int channels = 1, int[]? labels = null, string[]? classes = null) =>
        new(pixels ?? [1, 2, 3, 4], height, width, channels, labels ?? [0, 1], classes ?? ["a", "b"]);

    [Fact]
    public void Equal_sets_have_equal_hashes_and_any_change_shows()
    {
        string hash = Set().Hash;
        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, Set().Hash);
        ImageSet[] others =
        [
            Set(pixels: [1, 2, 3, 5]), Set(height: 2, width: 1), Set(labels: [1, 0]),
            Set(classes: ["a", "c"]), Set(classes: ["a", "b", "c"]), Set(classes: ["ab", ""]),
        ];
        Assert.Equal(others.Length + 1, others.Select(o => o.Hash).Append(hash).Distinct().Count());
    }

    [Fact]
    public void The_hash_is_what_it_always_was() => // it's stored with runs: another would disown them
        Assert.Equal("b383416b77139a510182243e0b8b6929f6dbba0a20fb40370ea6913beb814df3", Set().Hash);

    [Fact]
    public void Gives_a_image()
    {
        Assert.Equal([3, 4], Set().Image(1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => Set().Image(2).Length);
    }

    [Fact]
    public void Refuses_what_does_not_fit_together()
    {
        Assert.Contains("need 4 bytes, not 3", Assert.Throws<ArgumentException>(() => Set(pixels: [1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("label 2 has no class", Assert.Throws<ArgumentException>(() => Set(labels: [0, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("1 (grey) or 3 (RGB), not 2", Assert.Throws<ArgumentException>(() => Set(channels: 2)).Message, StringComparison.Ordinal);
    }
}
