using Lamina.Learning.Data;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Tests.Data;

/// <summary>Example i is the number i and a value drawn from (seed, epoch, i); reading can dawdle or fail.</summary>
internal sealed class NumbersDataset(int count, Action<ReadOnlyMemory<int>>? onRead = null) : Dataset
{
    public override int Count => count;

    public override Specs Inputs => new Spec(DType.Float32, [2]);

    public override Specs Targets => new Spec(DType.Int32, Shape.Scalar);

    public override void Read(in ReadCall call)
    {
        onRead?.Invoke(call.Indices.ToArray());
        for (int i = 0; i < call.Indices.Length; i++)
        {
            call.Targets<int>()[i] = call.Indices[i];
            call.Inputs<float>()[2 * i] = call.Indices[i];
            call.Inputs<float>()[2 * i + 1] = new ExampleDraws(call.Seed, call.Epoch, call.Indices[i]).Uniform(0)[0];
        }
    }
}
