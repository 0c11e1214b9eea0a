using System.Text.Json;
using Lamina.Learning.Modules;
using Lamina.Learning.Saving;
using Lamina.Models;

namespace Lamina.Tasks.Forecasting;

/// <summary>The networks that forecast, by name.</summary>
internal static class ForecastNetworks
{
    private const string DLinearName = "dlinear", PatchName = "patchtst", ConvName = "tcn";

    /// <summary>Their names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [DLinearName, PatchName, ConvName];

    /// <summary>A network of a name, as <c>run.json</c> holds it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="shape">What it looks at and gives.</param>
    /// <param name="level">The level of a linear one.</param>
    public static JsonElement Describe(string name, SeriesShape shape, int level) => Model.Describe(name switch
    {
        PatchName => new PatchTst(new() { Shape = shape, Patch = Math.Min(16, shape.Window), Stride = Math.Clamp(shape.Window / 2, 1, 8) }),
        ConvName => (Layer)new ConvForecast(new() { Shape = shape, Widths = [.. Enumerable.Repeat(32, Blocks(shape.Window))] }),
        _ => new DLinear(new() { Shape = shape, Level = level, Kernel = Math.Min(25, (shape.Window - 1) / 2 * 2 + 1) }),
    });

    /// <summary>The network that was described.</summary>
    /// <exception cref="Formats.FileFormatException">It can't be made.</exception>
    public static Layer Build(JsonElement network) => Model.Create<Layer>(network, "run.json");

    /// <summary>What a network looks at; null for one that doesn't forecast.</summary>
    public static SeriesShape? ShapeOf(Network network) => network switch
    {
        DLinear x => x.Options.Shape,
        PatchTst x => x.Options.Shape,
        ConvForecast x => x.Options.Shape,
        _ => null,
    };

    /// <summary>The number of epochs and the learning rate for so many windows.</summary>
    public static (int Epochs, double LearningRate) Training(string name, int windows) => name switch
    {
        PatchName => (Math.Clamp(120_000 / windows, 5, 60), 1e-3),
        ConvName => (Math.Clamp(120_000 / windows, 5, 60), 2e-3),
        _ => (Math.Clamp(60_000 / windows, 5, 20), 1e-4),
    };

    // So many that the last block sees the whole window: two convolutions of three steps each, twice as far apart in each block.
    private static int Blocks(int window)
    {
        int blocks = 2;
        while (blocks < 10 && 4 * ((1 << blocks) - 1) + 1 < window) blocks++;
        return blocks;
    }
}
