using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Memory;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>The same values side by side in memory of their own: what a view becomes for a kernel that takes no strides.</summary>
public sealed record Copy : Op
{
    private const int Grain = 16 * 1024;

    /// <inheritdoc/>
    public override string Name => "copy";

    /// <inheritdoc/>
    public override bool TakesStrides => true;

    /// <inheritdoc/>
    public override Specs Infer(Specs x)
    {
        RequireOperands(x, 1);
        return x[0];
    }

    /// <inheritdoc/>
    public override Tensors Define(Tensors x) => Tensor.FromBytes(x[0].ReadBytes(), x[0].Spec);

    /// <inheritdoc/>
    public override Grads Gradient(in GradCall g) => g.By;

    /// <inheritdoc/>
    public override unsafe void Run(in CpuCall c)
    {
        View from = c[0];
        var region = new Region { From = &from, To = (byte*)c.Output.Data };
        c.Pool.For(from.Count, Grain, ref region);
    }

    private unsafe struct Region : IRegion
    {
        public View* From;
        public byte* To;

        public readonly void Run(int begin, int end) => Strided.Copy(*From, begin, end, To + (nint)begin * From->DType.Size);
    }
}
