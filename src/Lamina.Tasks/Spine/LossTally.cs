using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Spine;

/// <summary>Counts examples of which nothing but the loss is measured one by one; a task adds what else it measures.</summary>
internal sealed class LossTally : Tally
{
    private int _count;

    public override int Count => _count;

    public override void Add(Batch batch, Tensor prediction)
    {
        WeightCheck.RequireFinite(prediction.Read<float>());
        _count += batch.Count;
    }

    public override TestReport Report(double loss, Func<int, Sample?> show) => new(new(("loss", new(loss, FigureKind.Error))), Count, []);
}
