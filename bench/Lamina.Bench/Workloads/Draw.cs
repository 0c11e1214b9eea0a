using Lamina.Learning.Initializers;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

/// <summary>Random data, the same in every run.</summary>
internal static class Draw
{
    /// <summary>Standard normal values.</summary>
    public static Tensor Normal(Shape shape, ulong stream = 0) => new Normal().Create(shape, new RandomStream(7, stream));

    /// <summary>Whole numbers from 0 to below <paramref name="classes"/>.</summary>
    public static Tensor Labels(Shape shape, int classes)
    {
        var random = new RandomStream(7, 1000);
        return Tensor.Create<int>(shape, values =>
        {
            foreach (ref int value in values) value = (int)(random.NextUInt32() % (uint)classes);
        });
    }
}
