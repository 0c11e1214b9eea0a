using System.Text.Json;
using Lamina.Learning.Schedules;
using Xunit;

namespace Lamina.Learning.Tests.Schedules;

public class ScheduleTests
{
    [Fact]
    public void Steps() => Check("step", "learningRate", (o, _) => (new StepDecay((long)o.Number("stepSize"), o.Number("gamma")), 60));

    [Fact]
    public void Cosines() => Check("cosine", "learningRate", (o, _) => (new Cosine(o.Number("minimum") / o.Number("learningRate")), (long)o.Number("period")), stopAtTheEnd: true);

    [Fact]
    public void WarmUps() => Check("linear_warmup", "learningRate", (o, _) =>
        o.Number("endFactor") == 1 ? (new WarmUp(new ConstantSchedule(), (long)o.Number("steps"), o.Number("startFactor")), 60) : null);

    [Fact]
    public void WarmUpsBeforeACosine() => Check("warmup_cosine", "learningRate", (o, _) =>
        (new WarmUp(new Cosine(o.Number("minimum") / o.Number("learningRate")), (long)o.Number("warmup"), o.Number("startFactor")), (long)o.Number("steps")));

    [Fact]
    public void OneCycles() => Check("one_cycle", "maximum", (o, _) => o.Flag("threePhases") ? null
        : (new OneCycle(o.Number("upShare"), o.Number("divFactor"), o.Number("finalDivFactor")) { IsStraight = !o.Flag("cosine") }, (long)o.Number("totalSteps")));

    [Fact]
    public void PlateausResumeWhereTheyWere()
    {
        foreach (JsonElement test in Recorded.Cases("schedules/reduce_on_plateau"))
        {
            JsonElement o = test.GetProperty("options");
            double rate = o.Number("learningRate");
            OnPlateau Make() => new(o.Number("factor"), (int)o.Number("patience"))
            {
                Threshold = o.Number("threshold"), IsRelative = o.Flag("relative"), Cooldown = (int)o.Number("cooldown"), Minimum = o.Number("minimum") / rate,
            };
            OnPlateau schedule = Make();
            double[] rates = Recorded.Doubles(test.GetProperty("learningRates")), losses = Recorded.Doubles(o.GetProperty("losses"));
            for (int i = 0; i < losses.Length; i++)
            {
                // PyTorch leaves out changes below 1e-8.
                Assert.Equal(rates[i], rate * schedule.At(i, 100), 1.01e-8);
                schedule.Observe(losses[i]);
                OnPlateau resumed = Make();
                resumed.Restore(schedule.State);
                schedule = resumed;
            }
        }
    }

    [Fact]
    public void PlateausOfScoresThatShouldRise()
    {
        var schedule = new OnPlateau(0.5, patience: 1);
        foreach (double score in (double[])[0.5, 0.6, 0.6, double.NaN]) schedule.Observe(score, higherIsBetter: true);
        Assert.Equal(0.5, schedule.At(0, 1));
    }

    [Fact]
    public void EndsAreMet()
    {
        Assert.Equal(0.1, new Cosine(0.1).At(500, 100), 12);
        Assert.Equal(1, new OneCycle().At(0, 1), 12);
        Assert.Equal(1, new WarmUp(new Cosine(), 5).At(5, 3), 12);
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepDecay(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WarmUp(new Cosine(), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnPlateau(1));
        Assert.Equal(new WarmUp(new Cosine(0.1), 5), new WarmUp(new Cosine(0.1), 5));
    }

    private static void Check(string file, string rateName, Func<JsonElement, string, (Schedule, long)?> make, bool stopAtTheEnd = false)
    {
        foreach (JsonElement test in Recorded.Cases("schedules/" + file))
        {
            JsonElement options = test.GetProperty("options");
            if (make(options, test.Name()) is not { } made) continue;
            (Schedule schedule, long total) = made;
            double[] rates = Recorded.Doubles(test.GetProperty("learningRates"));
            for (int step = 0; step < rates.Length && !(stopAtTheEnd && step > total); step++)
                Assert.Equal(rates[step], options.Number(rateName) * schedule.At(step, total), 1e-12);
        }
    }
}
