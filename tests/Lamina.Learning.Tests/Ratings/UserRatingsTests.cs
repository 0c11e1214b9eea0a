using Xunit;
using Lamina.Learning.Ratings;

namespace Lamina.Learning.Tests.Ratings;

/// <summary>What users have rated, packed into a text and as rows for a network.</summary>
public sealed class UserRatingsTests
{
    private static readonly float[] s_levels = [1, 2.5f, 4];

    private static UserRatings Ratings() => new(["anna", "ben"], [.. Enumerable.Range(0, 300).Select(i => $"item{i}")], s_levels,
        UserRatings.Pack(2, u => u == 0 ? [(1, (byte)0), (300, (byte)2), (200, (byte)1)] : []), length: 2, mean: 2);

    [Fact]
    public void What_is_packed_comes_back()
    {
        UserRatings ratings = Ratings();
        Assert.Equal([1, 300, 200], ratings.RatedBy(1).ToArray());
        Assert.Equal([1, 4, 2.5f], ratings.RatingsBy(1));
        Assert.Empty(ratings.RatedBy(2).ToArray());
        Assert.Empty(ratings.RatedBy(0).ToArray());
        (int[] counts, double[] means) = ratings.OfItems();
        Assert.Equal((1, 0), (counts[299], counts[1]));
        Assert.Equal(4, means[299]);
    }

    [Fact]
    public void A_row_has_the_latest_ratings_without_the_pairs_own()
    {
        float[] rows = Ratings().Encode([["anna", "item7"], ["anna", "item199"], ["nobody", "item7"], ["anna", "nothing"]]).ToArray<float>();
        Assert.Equal([1, 8, 200, 300, 0.5f, 2], rows[..6]);
        Assert.Equal([1, 200, 300, 1, 2, -1], rows[6..12]);
        Assert.Equal([0, 8, 0, 0, 0, 0], rows[12..18]);
        Assert.Equal([1, 0, 200, 300, 0.5f, 2], rows[18..]);
    }

    [Theory]
    [InlineData("")] // too short
    [InlineData("####")]
    [InlineData("AwAAqwICxwEBAAA=")] // more than the users have
    [InlineData("AQAJAA==")] // a level that isn't there
    public void Damaged_ratings_are_refused(string packed) =>
        Assert.Throws<ArgumentException>(() => new UserRatings(["anna", "ben"], [.. Enumerable.Range(0, 300).Select(i => $"item{i}")], s_levels, packed, 2, 2));

    [Fact]
    public void Names_that_come_twice_and_levels_out_of_order_are_refused()
    {
        string none = UserRatings.Pack(2, _ => []);
        Assert.Throws<ArgumentException>(() => new UserRatings(["a", "a"], ["x"], s_levels, none, 2, 2));
        Assert.Throws<ArgumentException>(() => new UserRatings(["a", "b"], ["x"], [2, 1], none, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UserRatings(["a", "b"], ["x"], s_levels, none, 0, 2));
    }

    [Fact]
    public void A_very_long_identifier_is_its_beginning_and_a_hash()
    {
        string lengthy = new('x', 5_000);
        Assert.InRange(IdText.Of(lengthy).Length, 100, 120);
        Assert.NotEqual(IdText.Of(lengthy + "1"), IdText.Of(lengthy + "2"));
        Assert.Equal("short", IdText.Of("short"));
        Assert.Equal(1, new UserRatings([IdText.Of(lengthy)], ["x"], s_levels, UserRatings.Pack(1, _ => []), 2, 2).UserOf(lengthy));
    }
}
