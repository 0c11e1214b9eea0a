using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Tests.Rows;

/// <summary>Tables that others have made are recognised.</summary>
public sealed class RealTableTests
{
    [Theory]
    [InlineData("tables/iris.csv", false, 5, 150)]
    [InlineData("tables/wine.csv", false, 14, 178)]
    [InlineData("tables/boston-housing.csv", false, 14, 506)]
    [InlineData("tables/breast-cancer-wisconsin.csv", false, 10, 699)]
    [InlineData("tables/pima-indians-diabetes.csv", false, 9, 768)]
    [InlineData("tables/optdigits-train.csv", false, 65, 3823)]
    [InlineData("tables/movielens-100k.tsv", true, 4, 100_000)]
    [InlineData("tables/california-housing.csv", true, 10, 20_640)]
    [InlineData("text/sms-spam.tsv", false, 5, 5574)]
    [InlineData("text/sst2-train.tsv", false, 2, 6920)]
    [InlineData("text/sst2-dev.tsv", false, 2, 872)]
    [InlineData("text/sst2-test.tsv", false, 2, 1821)]
    [InlineData("series/ETTh1.csv", true, 8, 17_420)]
    [InlineData("series/airline-passengers.csv", true, 2, 144)]
    [InlineData("series/daily-min-temperatures.csv", true, 2, 3650)]
    [InlineData("series/monthly-sunspots.csv", true, 2, 2820)]
    public void HasItsHeaderColumnsAndRows(string file, bool header, int columns, int rows)
    {
        RowSource source = RowSources.Open(RealData.Require(file));
        Assert.Equal(header, source.HasHeader);
        Assert.Equal(columns, source.Columns.Count);
        Assert.Equal(header ? source.Columns : [.. Enumerable.Range(1, columns).Select(i => $"{i}")], source.Columns);
        Assert.Equal(rows, RowText.All(source).Count);
        Assert.Equal(file.Contains("movielens") ? ["cells are separated by '|'"] : [], source.Notes);
    }
}
