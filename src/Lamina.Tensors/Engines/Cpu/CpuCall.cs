namespace Lamina.Tensors.Engines.Cpu;

/// <summary>What a kernel gets: its operands, the memory for its results, the pool to spread its work over, working memory.</summary>
public readonly unsafe ref struct CpuCall(ReadOnlySpan<View> inputs, ReadOnlySpan<View> outputs, CpuPool pool, void* workspace)
{
    /// <summary>The operands.</summary>
    public readonly ReadOnlySpan<View> Inputs = inputs;

    /// <summary>The results, compact.</summary>
    public readonly ReadOnlySpan<View> Outputs = outputs;

    /// <summary>The threads.</summary>
    public readonly CpuPool Pool = pool;

    /// <summary>As many bytes as the op's <c>Workspace</c> asked for, 64-byte aligned.</summary>
    public readonly void* Workspace = workspace;

    /// <summary>An operand.</summary>
    public ref readonly View this[int index] => ref Inputs[index];

    /// <summary>The only or first result.</summary>
    public ref readonly View Output => ref Outputs[0];
}
