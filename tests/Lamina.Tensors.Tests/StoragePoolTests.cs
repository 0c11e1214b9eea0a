using System.Runtime.CompilerServices;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Ops.TensorOps;

namespace Lamina.Tensors.Tests;

public class StoragePoolTests
{
    private static readonly Tensor s_x = Tensor.From(Enumerable.Range(0, 4 << 20).Select(i => (float)(i % 97)).ToArray(), new Shape(4 << 20));

    [Fact]
    public void Results_of_dead_tensors_are_used_again()
    {
        Churn(40);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Churn(40);
        long fresh = GC.GetAllocatedBytesForCurrentThread() - before;
        // Forty results of 16 MB; without reuse 640 MB. Other tests may take some of what is free.
        Assert.True(fresh < 200L << 20, $"{fresh:N0} fresh bytes");
    }

    [Fact]
    public void A_span_keeps_its_values_after_its_tensor()
    {
        ReadOnlySpan<float> span = SpanOfDeadTensor();
        Churn(40);
        for (int i = 0; i < span.Length; i++)
            if (span[i] != i % 97 + 1) Assert.Fail($"element {i} is {span[i]}");
    }

    [Fact]
    public void What_is_held_isnt_used_again()
    {
        Tensor[] held = [.. Enumerable.Range(0, 8).Select(i => s_x + i)];
        Churn(40);
        for (int i = 0; i < held.Length; i++) Assert.Equal(s_x.Element(96) + i, held[i].Element(96));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReadOnlySpan<float> SpanOfDeadTensor() => (s_x + 1).Read<float>();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Churn(int times)
    {
        for (int i = 0; i < times; i++) _ = s_x * 3;
    }

    // All of them look for unreachable tensors at about the same time.
    [Fact]
    public void Threads_that_run_out_of_patience_together_leave_the_pool_sound()
    {
        var wrong = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, 6).Select(t => new Thread(() =>
        {
            try
            {
                for (int round = 0; round < 400; round++)
                {
                    int count = 1000 + 50_000 * ((round + t) % 7);
                    Tensor full = Tensor.Full([count], round);
                    if ((full + full).Element(count - 1) != 2 * round) throw new InvalidOperationException($"thread {t}, round {round}: another's values");
                }
            }
            catch (Exception e)
            {
                wrong.Enqueue(e);
            }
        })).ToArray();
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(wrong);
    }
}
