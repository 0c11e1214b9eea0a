using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>Rows of objects.</summary>
public sealed class ObjectTableTests
{
    private enum Colour
    {
        Red,
    }

    private sealed record House(double Price, int? Rooms, string? Town, Colour Colour, DateTime Built, TimeSpan Age, Guid? Id)
    {
        internal int Hidden => 1;
    }

    [Fact]
    public void PropertiesAreColumns()
    {
        RowSource source = RowSources.Of(new[] { new House(0.1 + 0.2, null, null, Colour.Red, new(2024, 2, 29, 1, 2, 3, 40), TimeSpan.FromMinutes(90), Guid.Empty) },
            "houses");
        Assert.Equal("houses", source.Name);
        Assert.Equal(["Price", "Rooms", "Town", "Colour", "Built", "Age", "Id"], source.Columns);
        Assert.Equal("0.30000000000000004|||Red|2024-02-29T01:02:03.04|01:30:00|00000000-0000-0000-0000-000000000000", RowText.Lines(source));
    }

    [Fact]
    public void SequencesAreReadOnce()
    {
        int reads = 0;
        RowSource source = RowSources.Of(Enumerable.Range(0, 3).Select(i => new { A = i + 10 * reads++ }));
        Assert.Equal("0\n11\n22", RowText.Lines(source));
        Assert.Equal("0\n11\n22", RowText.Lines(source));
        Assert.Equal(3, reads);
    }

    [Fact]
    public void ValuesAreOneColumn()
    {
        Assert.Equal("1\n\n3", RowText.Lines(RowSources.Of(new double?[] { 1, double.NaN, 3 })));
        Assert.Equal("a\nb", RowText.Lines(RowSources.Of(["a", "b"])));
    }

    [Fact]
    public void DictionariesHaveTheKeysOfAll()
    {
        RowSource source = RowSources.Of(new[] { new Dictionary<string, string> { ["a"] = "1" }, new() { ["b"] = "2", ["a"] = "3" } });
        Assert.Equal(["a", "b"], source.Columns);
        Assert.Equal("1|\n3|2", RowText.Lines(source));
    }

    [Fact]
    public void WhatIsNoCellIsRefused()
    {
        Assert.Contains("'B' of", Assert.Throws<DataException>(() => RowSources.Of(new[] { new { A = 1, B = new[] { 1 } } })).Problem);
        Assert.Contains("no public property", Assert.Throws<DataException>(() => RowSources.Of(new[] { new object() })).Problem);
        Assert.Contains("row 2 is null", Assert.Throws<DataException>(() => RowText.All(RowSources.Of(new[] { new { A = 1 }, null! }))).Problem);
        Assert.Contains("row 1 has a", Assert.Throws<DataException>(() => RowText.All(RowSources.Of(new[] { new { A = (object)new List<int>() } }))).Problem);
    }
}
