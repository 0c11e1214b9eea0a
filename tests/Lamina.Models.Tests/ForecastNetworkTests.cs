using Lamina.Learning.Data;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

/// <summary>Networks that forecast: what they are fitted to, what they don't depend on, and what they refuse.</summary>
public sealed class ForecastNetworkTests
{
    private static readonly SeriesShape s_shape = new() { Window = 12, Horizon = 3, Targets = 2 };

    private static Layer[] Networks(SeriesShape shape) =>
    [
        new DLinear(new() { Shape = shape, Kernel = 5 }), new DLinear(new() { Shape = shape, Kernel = 3, Level = 1 }),
        new PatchTst(new() { Shape = shape, Patch = 4, Stride = 2, Width = 8, Heads = 2, Layers = 1 }),
        new ConvForecast(new() { Shape = shape, Widths = [4, 4] }),
    ];

    private static float[] Random(int count, ulong seed) => new Normal().Create([count], new RandomStream(seed)).ToArray<float>();

    // Windows of sin(t / 3 + phase) on a level of its own for each window and series.
    private static (TensorDataset Windows, float[] Inputs, float[] Targets) Waves(SeriesShape shape, int count, float[]? mask = null)
    {
        var inputs = new float[count * shape.Window * shape.Targets];
        var targets = new float[count * shape.Horizon * shape.Targets];
        for (int i = 0; i < count; i++)
            for (int c = 0; c < shape.Targets; c++)
                for (int t = 0; t < shape.Window + shape.Horizon; t++)
                {
                    float value = (float)(Math.Sin((t + i) / 3.0 + c) + 10 * c + i % 7);
                    if (t < shape.Window) inputs[(i * shape.Window + t) * shape.Targets + c] = value;
                    else targets[(i * shape.Horizon + t - shape.Window) * shape.Targets + c] = value;
                }
        Tensor x = Tensor.From(inputs, [count, shape.Window, shape.Targets]), y = Tensor.From(targets, [count, shape.Horizon, shape.Targets]);
        return (mask is null ? new(x, y) : new([x], [y, Tensor.From(mask, y.Shape)], null), inputs, targets);
    }

    [Fact]
    public void The_least_squares_start_forecasts_waves_on_any_level()
    {
        (TensorDataset windows, float[] inputs, float[] targets) = Waves(s_shape, 60);
        foreach (int level in (int[])[0, 1, 4])
        {
            LinearFit fit = LinearFit.Of(windows, s_shape, level);
            Assert.InRange(fit.Error, 0, 1e-3);
            var network = new DLinear(new() { Shape = s_shape, Kernel = 5, Level = level });
            network.StartFrom(fit);
            float[] said = network.Forward(Tensor.From(inputs, [60, 12, 2])).ToArray<float>();
            for (int i = 0; i < said.Length; i++) Assert.Equal(targets[i], said[i], 0.05);
        }
    }

    [Fact]
    public void Windows_with_missing_values_are_not_fitted()
    {
        const int Count = 60;
        var mask = new float[Count * s_shape.Horizon * s_shape.Targets];
        Array.Fill(mask, 1);
        // Every fourth window of the first series lacks its second step, where something absurd stands.
        (_, float[] inputs, float[] targets) = Waves(s_shape, Count);
        for (int i = 0; i < Count; i += 4) (mask[(i * 3 + 1) * 2], targets[(i * 3 + 1) * 2]) = (0, 1e4f);
        var windows = new TensorDataset([Tensor.From(inputs, [Count, 12, 2])],
            [Tensor.From(targets, [Count, 3, 2]), Tensor.From(mask, [Count, 3, 2])], null);
        Assert.InRange(LinearFit.Of(windows, s_shape, 0).Error, 0, 1e-3);
    }

    [Fact]
    public void A_shift_of_the_window_shifts_the_forecast()
    {
        foreach (Layer network in Networks(s_shape))
        {
            network.Build(new Spec(DType.Float32, [12, 2]));
            network.Initialize(3);
            float[] values = Random(24, 1);
            float[] before = network.Forward(Tensor.From(values, [1, 12, 2])).ToArray<float>();
            float[] after = network.Forward(Tensor.From([.. values.Select(v => v + 5)], [1, 12, 2])).ToArray<float>();
            Assert.Equal(6, before.Length);
            for (int i = 0; i < before.Length; i++) Assert.Equal(before[i] + 5, after[i], 1e-4);
        }
    }

    [Fact]
    public void Covariates_add_nothing_before_they_are_trained_and_the_rows_of_the_horizon_are_not_looked_at()
    {
        SeriesShape shape = s_shape with { Covariates = 1, Known = 2 };
        float[] values = Random(15 * 5, 4);
        foreach (Layer network in Networks(shape))
        {
            network.Build(new Spec(DType.Float32, [15, 5]));
            network.Initialize(3);
            float[] before = network.Forward(Tensor.From(values, [1, 15, 5])).ToArray<float>();
            float[] others = [.. values.Select((v, i) => i % 5 >= 2 || i >= 12 * 5 ? v + 1 : v)];
            Assert.Equal(before, network.Forward(Tensor.From(others, [1, 15, 5])).ToArray<float>());
        }
    }

    [Fact]
    public void Covariates_are_learned()
    {
        // What is known of a step of the horizon is all of its value.
        SeriesShape shape = new() { Window = 4, Horizon = 2, Targets = 1, Known = 1 };
        var head = new CovariateHead(shape);
        head.Future!.Weight.Value = Tensor.From([2f], [1, 1]);
        float[] said = head.Forward(Tensor.From([0f, 1, 0, 1, 0, 3, 0, 3, 0, 5, 0, 7], [1, 6, 2])).ToArray<float>();
        Assert.Equal([6f, 10f], said); // twice the distance from the window's mean, 2
    }

    [Fact]
    public void Windows_of_another_shape_are_refused()
    {
        foreach (Layer network in Networks(s_shape))
            Assert.Contains("(batch, 12, 2)", Assert.Throws<TensorException>(() => network.Forward(Tensor.Zeros([1, 11, 2]))).Message);
    }

    [Fact]
    public void Options_are_checked()
    {
        foreach (SeriesShape shape in (SeriesShape[])[s_shape with { Window = 0 }, s_shape with { Horizon = 0 }, s_shape with { Targets = -1 },
            s_shape with { Known = -1 }])
            foreach (Func<SeriesShape, Layer> make in (Func<SeriesShape, Layer>[])[s => new DLinear(new() { Shape = s }), s =>
                new PatchTst(new() { Shape = s }), s => new ConvForecast(new() { Shape = s })])
                Assert.Throws<ArgumentOutOfRangeException>(() => make(shape));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DLinear(new() { Shape = s_shape, Kernel = 4 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DLinear(new() { Shape = s_shape, Level = 13 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchTst(new() { Shape = s_shape, Patch = 13 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchTst(new() { Shape = s_shape, Patch = 4, Width = 9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConvForecast(new() { Shape = s_shape, Dropout = 1 }));
    }
}
