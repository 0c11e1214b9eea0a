using System.Diagnostics.CodeAnalysis;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>
/// An operation on tensors. Everything that is true of it stands in its own file: name, rule for types and shapes,
/// slow definition, gradient, kernel. An op is a value: equal records are equal calls.
/// </summary>
public abstract record Op
{
    /// <summary>The name, in snake case.</summary>
    public abstract string Name { get; }

    /// <summary>The types and shapes of the results.</summary>
    /// <exception cref="TensorException">The operands don't fit.</exception>
    public abstract Specs Infer(Specs x);

    /// <summary>The slow, obvious meaning. For an op without a kernel it is also what runs.</summary>
    public abstract Tensors Define(Tensors x);

    /// <summary>The gradients of the operands, in tensor ops, so that they record, fuse and differentiate again.</summary>
    public virtual Grads Gradient(in GradCall g) => throw new TensorException($"{Name} has no gradient");

    /// <summary>The kernel: operands in, results out. Threads and memory are the engine's.</summary>
    public virtual void Run(in CpuCall c) => throw new TensorException($"{Name} has no kernel");

    /// <summary>False for an op that is only its definition in other ops.</summary>
    public virtual bool HasKernel => true;

    /// <summary>Whether the kernel takes strided operands; otherwise they are made compact first.</summary>
    public virtual bool TakesStrides => false;

    /// <summary>Whether results can have gradients: false for comparisons, indices and random draws.</summary>
    public virtual bool IsDifferentiable => true;

    /// <summary>Bytes of working memory that the kernel needs, the same for every thread count.</summary>
    public virtual long Workspace(Specs x) => 0;

    /// <summary>Multiplications that are followed by an addition, for summaries: 0 for all but products and convolutions.</summary>
    public virtual long MultiplyAdds(Specs x) => 0;

    /// <summary>Applies the op and gives its only, or first, result.</summary>
    /// <exception cref="TensorException">The operands don't fit.</exception>
    public Tensor Apply(params ReadOnlySpan<Tensor> inputs) => ApplyAll(new Tensors(inputs.ToArray()))[0];

    /// <summary>Applies the op and gives all of its results: infer, rent, run, note for the gradient.</summary>
    /// <exception cref="TensorException">The operands don't fit.</exception>
    public virtual Tensors ApplyAll(Tensors inputs)
    {
        if (!HasKernel)
        {
            Infer(inputs.Specs);
            if (Tracer.Current is not { } composing) return Define(inputs);
            composing.Enter(this, inputs);
            Tensors defined = Define(inputs);
            composing.Leave(this, defined);
            return defined;
        }
        return Tracer.Current is { } tracer ? tracer.Apply(this, inputs) : RunNow(inputs);
    }

    /// <summary>Runs the op on values, noting the call where an operand is tracked; on the shared pool unless another is given.</summary>
    internal Tensors RunNow(Tensors inputs, CpuPool? pool = null)
    {
        Specs specs = Infer(inputs.Specs);
        bool tracked = IsDifferentiable && Tracking.Applies(inputs);
        var outputs = new Tensor[specs.Count];
        for (int i = 0; i < outputs.Length; i++)
            outputs[i] = Tensor.Rent(specs[i], tracked && specs[i].DType.IsFloat);
        Execute(inputs, outputs, pool ?? CpuPool.Shared);
        if (tracked) Note(inputs.Items, outputs);
        return new Tensors(outputs);
    }

    internal void Note(Tensor[] inputs, Tensor[] outputs)
    {
        var node = new Node(this, inputs, outputs, Tracer.Current?.Origin.Module);
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i].Node = node;
            outputs[i].NodeOutput = i;
        }
    }

    private unsafe void Execute(Tensors inputs, Tensor[] outputs, CpuPool pool)
    {
        var ins = new View[inputs.Count];
        var outs = new View[outputs.Length];
        var alive = new Tensor[inputs.Count];
        for (int i = 0; i < ins.Length; i++)
        {
            alive[i] = TakesStrides || inputs[i].IsCompact ? inputs[i] : inputs[i].Keep();
            ins[i] = alive[i].View;
        }
        for (int i = 0; i < outs.Length; i++) outs[i] = outputs[i].View;
        long bytes = Workspace(inputs.Specs);
        Storage? workspace = bytes > 0 ? Storage.Rent(bytes) : null;
        Run(new CpuCall(ins, outs, pool, workspace is null ? null : workspace.Address));
        foreach (Tensor input in alive) input.CheckUnchanged();
        GC.KeepAlive(alive);
        GC.KeepAlive(outputs);
        GC.KeepAlive(workspace);
    }

    /// <summary>Refuses any other number of operands.</summary>
    /// <exception cref="TensorException">There are more or fewer.</exception>
    protected void RequireOperands(Specs x, int count)
    {
        if (x.Count != count) Refuse($"takes {count} operand{(count == 1 ? "" : "s")}, not {x.Count}");
    }

    /// <summary>How two operands of a product come to one type: the one that isn't float is cast, or the one of 64 bits.</summary>
    private protected static string CastHint(DType first, DType second) =>
        first.IsFloat && !second.IsFloat ? $"Cast(DType.{first}) on the second" :
        second.IsFloat && !first.IsFloat ? $"Cast(DType.{second}) on the first" :
        !first.IsFloat ? "Cast(DType.Float32) on both" :
        first == DType.Float32 ? "Cast(DType.Float32) on the second" : "Cast(DType.Float32) on the first";

    /// <summary>Throws the error of an op whose operands don't fit: the op, the problem, and what to try.</summary>
    [DoesNotReturn]
    protected void Refuse(string problem, string? hint = null) => throw new TensorException($"{Name}: {problem}", hint);
}

/// <summary>
/// An op that only looks at the same memory in another way, and costs nothing: reshape, transpose, slice, broadcast.
/// </summary>
public abstract record ViewOp : Op
{
    /// <inheritdoc/>
    public sealed override bool TakesStrides => true;

    /// <summary>The strides and the offset (in elements) of the result in the operand's memory; false where that needs a compact operand.</summary>
    protected abstract bool TryView(Shape from, Strides strides, Shape to, out Strides result, out int offset);

    /// <inheritdoc/>
    public sealed override Tensors ApplyAll(Tensors inputs)
    {
        Spec spec = Infer(inputs.Specs)[0];
        Tensor x = inputs[0];
        if (!TryView(x.Shape, x.Strides, spec.Shape, out Strides strides, out int offset))
        {
            // Recorded as an op of its own where a tracer is in force.
            x = new Copy().Apply(x);
            TryView(x.Shape, x.Strides, spec.Shape, out strides, out offset);
        }
        bool tracked = Tracking.Applies(x);
        Tensor result = x.Alias(spec.Shape, strides, offset, tracked && spec.DType.IsFloat);
        if (tracked) Note([x], [result]);
        Tracer.Current?.Viewed(this, x, result);
        return result;
    }
}

/// <summary>Whether calls are noted for gradients on this thread.</summary>
internal static class Tracking
{
    [ThreadStatic] private static int s_paused;

    public static bool IsPaused => s_paused > 0;

    public static void Pause(int by) => s_paused += by;

    public static bool Applies(Tensors inputs)
    {
        if (s_paused > 0) return false;
        foreach (Tensor input in inputs.Items)
            if (input.IsTracked) return true;
        return false;
    }
}
