using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Plans;

/// <summary>
/// Calls the kernels that nearly every network runs once on small zeros, on a thread of its own while the program is still
/// building the network. They are compiled at their first call, which takes longer than the first step of a small network;
/// this way they are ready when it comes (<c>docs/decisions/0012</c>).
/// </summary>
internal static class WarmUp
{
    /// <summary>The switch in a program's runtimeconfig.json; false leaves the kernels to their first call.</summary>
    public const string Switch = "Lamina.WarmUp";

    // Large enough for the kernels that networks in earnest use, and less than a millisecond's work.
    private const int Batch = 96, Features = 160, Hidden = 128, Classes = 10;

    /// <summary>Begins; to be called once.</summary>
    public static void Begin()
    {
        // Machine code that was compiled ahead has nothing to gain, nor has a single core.
        if (!RuntimeFeature.IsDynamicCodeCompiled || Environment.ProcessorCount < 2 || AppContext.TryGetSwitch(Switch, out bool on) && !on) return;
        new Thread(Run) { IsBackground = true, Name = "lamina-warm-up" }.Start();
    }

    [SuppressMessage("Design", "CA1031", Justification = "What fails here fails again where it is needed, and is reported there.")]
    private static void Run()
    {
        try
        {
            Kernels();
        }
        catch (Exception)
        {
        }
    }

    /// <summary>One call each, in the order in which the first step of a classifier asks for them.</summary>
    internal static void Kernels()
    {
        // The calling thread alone: the shared pool belongs to the program.
        using var pool = new CpuPool(1);
        Tensor x = Zeros(Batch, Features), weight = Zeros(Features, Hidden), hidden = Zeros(Batch, Hidden), last = Zeros(Hidden, Classes);
        Tensor logits = Zeros(Batch, Classes), labels = Tensor.Zeros([Batch], DType.Int32), ones = Zeros(Batch), rate = Zeros();
        Call(pool, new MatMul(), x, weight);
        Call(pool, new MatMul(), hidden, last);
        Call(pool, new CrossEntropy(), logits, labels);
        Call(pool, new CrossEntropyGradient(), logits, labels, ones);
        Call(pool, new MatMul(), hidden, weight.T);
        Call(pool, new MatMul(), logits, last.T);
        Call(pool, new MatMul(), x.T, hidden);
        Call(pool, new AdamUpdate { Beta1 = 0, Beta2 = 0, Epsilon = 1 }, weight, weight, weight, weight, rate, rate, rate);
        Call(pool, new Sum { Axis = 0 }, hidden);
        Call(pool, new Sum { Axis = 0 }, ones);
        Call(pool, new Add(), hidden, hidden);
        Call(pool, new Relu(), hidden);
        Call(pool, new Gate(), hidden, hidden);
        Call(pool, new Multiply(), rate, rate);
        // What an optimiser computes of the number of its steps.
        Tensor count = Tensor.Zeros([], DType.Int64), share = Tensor.Zeros([], DType.Float64);
        Call(pool, new Add(), count, count);
        Call(pool, new Cast { To = DType.Float64 }, count);
        Call(pool, new Power(), share, share);
        Call(pool, new Subtract(), share, share);
        Call(pool, new Divide(), share, share);
        Call(pool, new Sqrt(), share);
        Call(pool, new Cast { To = DType.Float32 }, share);
    }

    private static Tensor Zeros(params ReadOnlySpan<int> sizes) => Tensor.Zeros(new Shape(sizes), DType.Float32);

    private static void Call(CpuPool pool, Op op, params Tensor[] inputs) => op.RunNow(new Tensors(inputs), pool);
}
