using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu.Recurrent;

public class RecurrentShapeTests
{
    [Theory]
    [InlineData(32, 256)]
    [InlineData(64, 256)]
    [InlineData(16, 512)]
    [InlineData(100, 1024)]
    [InlineData(1, 1024)]
    public void Threads_begin_with_chains_of_their_own_and_then_with_blocks_of_their_own(int batch, int hidden)
    {
        var shape = new RecurrentShape(DType.Float32, batch, 8, 64, hidden, hidden + 64, 4);
        for (int threads = 1; threads <= shape.Units; threads++)
        {
            // Where the pool's partitions begin.
            int[] units = [.. Enumerable.Range(0, threads).Select(t => (int)((long)t * shape.Units / threads))];
            Assert.Equal(threads, units.Select(u => (shape.ChainOf(u), shape.HomeOf(u))).Distinct().Count());
            Assert.Equal(Math.Min(threads, shape.Chains), units.Select(shape.ChainOf).Distinct().Count());
        }
    }

    [Fact]
    public void Every_unit_is_a_place_in_a_chain()
    {
        var shape = new RecurrentShape(DType.Float32, 50, 8, 64, 512, 576, 4);
        var places = Enumerable.Range(0, shape.Units).Select(u => (Chain: shape.ChainOf(u), Home: shape.HomeOf(u))).ToHashSet();
        Assert.Equal(shape.Units, places.Count);
        Assert.All(places, p => Assert.True(p.Chain >= 0 && p.Chain < shape.Chains && p.Home >= 0 && p.Home < shape.Blocks));
    }
}
