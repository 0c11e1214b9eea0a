using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Forecasting;

/// <summary>Real series, by defaults: better than the last season repeated, and with a band that holds.</summary>
[Collection("the shared pool")]
public sealed class RealSeriesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private TestReport Train(string name, params (string, object)[] values)
    {
        var source = new DataSource(RealData.Require(name));
        (LearningTask task, _) = AllTasks.Registry.Recognize(source);
        Assert.Equal("forecast", task.Name);
        var request = new TaskRequest { Data = source, Run = _folder.At("run"), Values = values.ToDictionary(v => v.Item1, v => v.Item2) };
        return new TaskRunner(AllTasks.Registry).Train(task, request, new(_ => { }, TestContext.Current.CancellationToken)).Test!;
    }

    [Fact]
    public void Airline_passengers() => Assert.InRange(Train("series/airline-passengers.csv")["mase"], 0, 0.9);

    [Fact]
    public void Sunspots() => Assert.InRange(Train("series/monthly-sunspots.csv", ("epochs", 3L))["mase"], 0, 0.8);

    [Fact]
    public void Daily_temperatures()
    {
        TestReport report = Train("series/daily-min-temperatures.csv", ("epochs", 5L));
        Assert.InRange(report["mase"], 0, 0.8);
        Assert.InRange(report["coverage"], 0.75, 0.85);
    }

    [Fact]
    public void Transformers_oil_in_every_window()
    {
        TestReport report = Train("series/ETTh1.csv", ("horizon", 96L), ("parts", "8640,2880,2880"), ("epochs", 1L));
        Assert.Equal(2_785, report.Count);
        Assert.InRange(report["mse"], 0.3, 0.39);
        Assert.InRange(report["coverage"], 0.75, 0.85);
    }
}
