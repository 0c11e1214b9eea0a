using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Engines.Cpu.Maps;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>Several element-wise ops over one shape as a single call. Made by <see cref="Fusion"/>.</summary>
internal sealed record Fused(MapProgram Program, Spec[] Results) : Op
{
    public override string Name => "fused";

    public override bool TakesStrides => true;

    public override Specs Infer(Specs x) => Specs.Create(Results);

    public override Tensors Define(Tensors x) => throw new NotSupportedException("a fused chain is defined by the ops in it");

    // A plan's call has its shapes for good.
    private MapKernel? _kernel;

    public override void Run(in CpuCall c) => (_kernel ??= new MapKernel(Program, c.Inputs, c.Outputs)).Run(c.Inputs, c.Outputs, c.Pool);
}
