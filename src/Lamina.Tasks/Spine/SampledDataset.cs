using Lamina.Learning.Data;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Spine;

/// <summary>A set whose examples can be shown to a person.</summary>
/// <param name="set">The examples.</param>
/// <param name="show">Gives one, by its index, as a person sees it.</param>
public sealed class SampledDataset(Dataset set, Func<int, Sample> show) : Dataset
{
    /// <inheritdoc/>
    public override int Count => set.Count;

    /// <inheritdoc/>
    public override Specs Inputs => set.Inputs;

    /// <inheritdoc/>
    public override Specs Targets => set.Targets;

    /// <inheritdoc/>
    public override bool HasWeights => set.HasWeights;

    /// <inheritdoc/>
    public override IReadOnlyList<int>? Lengths => set.Lengths;

    /// <inheritdoc/>
    public override IReadOnlyList<int>? Buckets => set.Buckets;

    /// <inheritdoc/>
    public override Specs InputsAt(int length) => set.InputsAt(length);

    /// <inheritdoc/>
    public override Specs TargetsAt(int length) => set.TargetsAt(length);

    /// <summary>An example as a person sees it.</summary>
    public Sample Show(int index) => show(index);

    /// <inheritdoc/>
    public override void Read(in ReadCall call) => set.Read(call);
}
