using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.SeriesClasses;

/// <summary>Control charts by defaults, and the tables of real data, none of which is taken for series.</summary>
[Collection("the shared pool")]
public sealed class RealSeriesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Control_charts() => Assert.InRange(new TaskRunner(AllTasks.Registry).Train(AllTasks.Registry.Find("series")!,
        new() { Run = _folder.At("run"), Values = new Dictionary<string, object> { ["epochs"] = 20L } },
            new(_ => { }, TestContext.Current.CancellationToken)).Test!["accuracy"], 0.96, 1);

    [Theory]
    [InlineData("tables/optdigits-train.csv"), InlineData("tables/breast-cancer-wisconsin.csv"), InlineData("tables/wine.csv"),
        InlineData("tables/iris.csv")]
    [InlineData("tables/boston-housing.csv"), InlineData("tables/california-housing.csv"), InlineData("tables/pima-indians-diabetes.csv")]
    public void Tables_stay_tables(string name) => Assert.Equal("tables", AllTasks.Registry.Recognize(new(RealData.Require(name))).Task.Name);
}
