using Lamina.Tasks.Sounds;

namespace Lamina.Tasks.Tests.Sounds;

/// <summary>Which part of a file's name is a label, and which a speaker.</summary>
public sealed class NamePartsTests
{
    private static NameParts Of(params string[] names) => new(names);

    [Fact]
    public void Parts_that_come_again_and_again_may_be_labels()
    {
        NameParts parts = Of([.. from digit in Enumerable.Range(0, 3) from speaker in (string[])["ann", "bob"] from n in Enumerable.Range(0,
            4) select $"x/{digit}_{speaker}_{n}.wav"]);
        Assert.Equal([1, 2, 3], parts.Repeated());
        Assert.Equal(["0", "1", "2"], parts.Values(1));
        Assert.Equal(2, parts.Group(label: 1));
        Assert.Equal(1, parts.Group(label: 2));
        Assert.Null(parts.Of(0, 4));
    }

    [Fact]
    public void Dashes_dots_and_blanks_are_between_parts_too()
    {
        Assert.Equal([3, 5], Of([.. Enumerable.Range(0, 12).Select(i => $"03-01.0{i % 3} 01-1{i % 2}-{i}.wav")]).Repeated());
        Assert.Equal([1], Of("dog1.wav", "dog2.wav", "cat1.wav", "cat22.wav").Repeated()); // no separators: letters and the digits behind them
    }

    [Fact]
    public void Names_that_never_repeat_say_nothing()
    {
        Assert.Empty(Of("a.wav", "b.wav", "c.wav", "d.wav").Repeated());
        Assert.Empty(Of([.. Enumerable.Range(0, 9).Select(i => $"take_{i}.wav")]).Repeated());
        Assert.Empty(Of().Repeated());
        Assert.Null(Of("a_1.wav", "a_2.wav", "b_3.wav", "b_4.wav").Group(label: 1));
    }

    [Fact]
    public void A_speaker_is_a_part_of_words_rather_than_of_numbers()
    {
        NameParts parts = Of([.. Enumerable.Range(0, 24).Select(i => $"{i % 3}_{i % 4}_{(i % 2 == 0 ? "ann" : "bob")}_{i}.wav")]);
        Assert.Equal(3, parts.Group(label: 1));
    }
}
