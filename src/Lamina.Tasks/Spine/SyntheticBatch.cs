using Lamina.Learning.Data;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Spine;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Batches of made-up examples: right in types, shapes and ranges, without any data behind them. What a network costs can be measured
/// on them, and nothing else.
/// </summary>
public static class SyntheticBatch
{
    /// <summary>A batch for a network of this output.</summary>
    /// <param name="inputs">Types and shapes of one example's inputs.</param>
    /// <param name="output">What the network's output means: targets are indices of its classes, or numbers in standard units.</param>
    /// <param name="count">Number of examples, 1 or more.</param>
    /// <exception cref="TaskException">The output is of another kind.</exception>
    public static Batch Of(Specs inputs, OutputMeaning output, int count) => output switch
    {
        ClassOutput classes => Of(inputs, new Spec(DType.Int32, []), count, classes.Names.Count),
        SeriesOutput series => Of(inputs, new Spec(DType.Float32, [series.Horizon, series.Columns.Count]), count, 1),
        NumberOutput => Of(inputs, new Spec(DType.Float32, [1]), count, 1),
        NumbersOutput numbers => Of(inputs, new Spec(DType.Float32, [numbers.Numbers.Count]), count, 1),
        // Values of any size: what a loss costs doesn't depend on them.
        LabelsOutput labels => Of(inputs, new Spec(DType.Float32, [labels.Names.Count]), count, 1),
        _ => throw new TaskException($"there are no made-up targets for {output.Text}"),
    };

    /// <summary>A batch of these inputs and targets.</summary>
    /// <param name="inputs">Types and shapes of one example's inputs.</param>
    /// <param name="targets">Types and shapes of one example's targets.</param>
    /// <param name="count">Number of examples, 1 or more.</param>
    /// <param name="classes">Whole numbers among the targets are from 0 to below this.</param>
    /// <param name="vocabulary">Whole numbers among the inputs are from 0 to below this.</param>
    public static Batch Of(Specs inputs, Specs targets, int count, int classes, int vocabulary = 2)
    {
        var random = new Random(1);
        return new Batch(All(inputs, vocabulary), All(targets, classes));

        Tensors All(Specs specs, int below) => Tensors.Create([.. specs.ToArray().Select(s => Values(s, below))]);

        // Numbers are normally distributed, as prepared inputs are: with zeros alone some kernels would have less to do.
        Tensor Values(Spec one, int below)
        {
            Spec spec = one with { Shape = [count, .. one.Shape.Span] };
            var values = new double[spec.Shape.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = one.DType switch
                {
                    DType.Bool => random.Next(2),
                    DType.UInt8 => random.Next(256),
                    { IsInteger: true } => random.Next(below),
                    _ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()),
                };
            return Tensor.FromDoubles(values, spec);
        }
    }
}
