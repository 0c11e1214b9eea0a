using System.Text.Json;
using Lamina.Bench.Harness;
using Lamina.Bench.Protocol;
using Lamina.Bench.Workloads;
using Lamina.Cli.Commands;

namespace Lamina.Bench;

public sealed class MeasuringTests
{
    [Fact]
    public void A_run_prints_a_row_and_writes_its_numbers()
    {
        string file = Path.GetTempFileName();
        try
        {
            (int code, string output, string error) = CommandLineTests.Run(["--quick", "--only", "gemm 64×64×64 NT", "--threads", "1", "--json", file]);
            Assert.True(code == ExitCodes.Done, error);
            Assert.Contains("| gemm 64×64×64 NT ", output);
            JsonElement row = JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("workloads")[0];
            Assert.Equal("gemm 64×64×64 NT", row.GetProperty("name").GetString());
            Assert.Equal("kernel", row.GetProperty("kind").GetString());
            Assert.Equal(1, row.GetProperty("threads").GetInt32());
            Assert.True(row.GetProperty("ms").GetDouble() > 0);
            Assert.InRange(row.GetProperty("share_of_peak").GetDouble(), 0.01, 1.2);
            Assert.Equal(0, row.GetProperty("allocated_bytes").GetDouble());
            foreach (string peers in new[] { "peer_ms", "ratio", "ratio_spread", "peak_mib" }) Assert.Equal(JsonValueKind.Null, row.GetProperty(peers).ValueKind);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_step_of_mlp_is_counted_as_its_products_are()
    {
        // Forward, the weights' gradients, and the inputs' but for the first layer's.
        long forward = 128L * (784 * 512 + 512 * 256 + 256 * 10);
        Assert.Equal(3 * forward - 128L * 784 * 512, Mlp.Training.Prepare(false).MultiplyAdds);
    }

    [Fact]
    public void Plan_and_eager_mode_train_alike()
    {
        Work plan = MlpTiny.Training.Prepare(false), eager = MlpTiny.Training.Prepare(true);
        double[] planned = [.. Enumerable.Range(0, 5).Select(_ => plan.Check(0.1))], called = [.. Enumerable.Range(0, 5).Select(_ => eager.Check(0.1))];
        Assert.Equal(planned, called);
        Assert.True(planned[4] < planned[0]);
    }

    [Fact]
    public void A_learning_rate_of_zero_moves_nothing()
    {
        Work work = MlpTiny.Training.Prepare(false);
        double before = work.Check(0);
        work.Step(0);
        Assert.Equal(before, work.Check(0));
    }

    [Fact]
    public void Tensors_come_out_of_the_file_as_they_went_in()
    {
        string file = Path.GetTempFileName();
        try
        {
            TensorFile.Write(file, [new("w", [2, 3], [1, 2, 3, 4, 5, 6], null), new("labels", [2], null, [7, 8]), new("scalar", [], [9], null)]);
            List<SentTensor> read = TensorFile.Read(file);
            Assert.Equal(["w", "labels", "scalar"], read.Select(t => t.Name));
            Assert.Equal([2, 3], read[0].Shape);
            Assert.Equal([1, 2, 3, 4, 5, 6], read[0].Floats!);
            Assert.Equal([7, 8], read[1].Integers!);
            Assert.Empty(read[2].Shape);
            Assert.Equal([9], read[2].Floats!);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_shape_goes_to_the_peer_by_its_sizes()
    {
        SentTensor weight = Mlp.Training.Prepare(false).Sent.Single(t => t.Name == "hidden.0.weight");
        Assert.Equal([784, 512], weight.Shape);
        Assert.Equal(784 * 512, weight.Floats!.Length);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(1e-5, true)]
    [InlineData(2e-4, false)]
    [InlineData(double.PositiveInfinity, false)]
    public void Another_loss_is_another_network(double? difference, bool same) =>
        Assert.Equal(same, new Result("mlp", WorkloadKind.Train, 2) { Difference = difference, Tolerance = 1e-4 }.IsSame);
}
