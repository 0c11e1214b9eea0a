namespace Lamina.Tensors.Tests.Plans;

using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Plans;
using Lamina.Tensors.Shapes;
using Xunit;
using static Lamina.Tensors.Tests.Plans.Steps;

/// <summary>Element-wise chains that run inside the kernel before them: the calls that a plan makes, and the bits of the call-by-call step.</summary>
public class EpilogueTests
{
    private static void Check(Func<Tensors, Tensors> step, Tensors inputs, params string[] expected)
    {
        var plan = new Plan(step);
        Tensors actual = plan.Run(inputs.Items), eager = step(inputs);
        for (int i = 0; i < eager.Count; i++) SameBits(actual[i], eager[i]);
        foreach (string call in expected) Assert.Contains(plan.Lines(), l => l.StartsWith(call, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(9, 1, 16)] // Winograd's filtering of both gradients at once, which finishes strips of rows
    [InlineData(5, 1, 8)]  // one after the other, where that of the image is another convolution
    [InlineData(5, 1, 3)]  // a product over pixels
    [InlineData(5, 2, 3)]  // a product for each phase of the stride
    public void The_gradient_of_a_rectifier_runs_in_the_gradients_of_the_convolution(int batch, int stride, int channels)
    {
        Weight first = new(Drawn([3, 3, 2, channels], 1)), second = new(Drawn([3, 3, channels, 16], 2));
        Check(
            x =>
            {
                Tensor y = x[0].Conv2d(first.Value, padding: (1, 1, 1, 1)).Relu().Conv2d(second.Value, (stride, stride), (1, 1, 1, 1)).Relu();
                GradientSet gradients = Gradient.Of((y * y).Mean(), [first, second]);
                return [y, gradients[first], gradients[second]];
            },
            [Drawn([batch, 17, 13, 2], 3)], "conv2d_gradients+[gate]", "conv2d+[relu]");
    }

    [Fact]
    public void A_chain_after_a_batch_norm_moves_up_where_its_mean_is_needed_before()
    {
        Weight weight = new(Drawn([3, 3, 4, 8], 1)), gamma = new(Drawn([8], 2)), beta = new(Drawn([8], 3));
        Check(
            x =>
            {
                (Tensor y, Tensor mean, Tensor variance) = x[0].Conv2d(weight.Value, padding: (1, 1, 1, 1)).BatchNorm(gamma.Value, beta.Value);
                Tensor running = 0.9 * mean + 0.1 * variance;
                y = (y + x[1]).Relu();
                GradientSet gradients = Gradient.Of((y * y * y).Mean(), [weight, gamma, beta]);
                return [running, y * 2, gradients[weight], gradients[gamma], gradients[beta]];
            },
            [Drawn([6, 9, 11, 4], 4), Drawn([6, 9, 11, 8], 5)], "batch_norm+[add relu");
    }

    [Theory]
    [InlineData(2, 2, 12)]  // windows that cover the image
    [InlineData(2, 2, 13)]
    [InlineData(3, 2, 13)]  // windows that share pixels
    [InlineData(2, 3, 13)]  // pixels between windows
    public void A_chain_runs_in_the_gradient_of_the_pool_behind_it_and_a_rectifiers_gate_before_it(int kernel, int stride, int size)
    {
        Weight weight = new(Drawn([3, 3, 3, 5], 1));
        Tensor images = Drawn([4, size, size, 3], 2);
        Check(x => Step(x, y => y.Tanh()), [images], "max_pool2d_gradient+[gradient_product");
        Check(x => Step(x, y => y.Relu()), [images], "max_pool2d_gradient (", "fused[gradient_product add gate]");

        Tensors Step(Tensors x, Func<Tensor, Tensor> activation)
        {
            Tensor y = activation(x[0].Conv2d(weight.Value, padding: (1, 1, 1, 1))).MaxPool2d(kernel, stride);
            return [y, Gradient.Of((y * y).Mean(), [weight])[weight]];
        }
    }

    [Fact]
    public void Nothing_passes_a_rectifier_from_a_window_with_NaN()
    {
        Weight shift = new(Tensor.Zeros([1, 4, 4, 1]));
        Tensor images = Tensor.From([1f, 2, 3, 4, 5, float.NaN, 7, 8, 1, -2, 3, 4, -5, 6, -7, -8], (1, 4, 4, 1));
        Check(x => Step(x[0]), [images], "max_pool2d_gradient");
        Assert.Equal([0f, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0], Step(images)[1].ToArray<float>());

        Tensors Step(Tensor x)
        {
            Tensor y = (x + shift.Value).Relu().MaxPool2d(2);
            return [y, Gradient.Of(y.Sum(), [shift])[shift]];
        }
    }

    [Fact]
    public void A_chain_may_see_the_result_under_another_shape()
    {
        Weight weight = new(Drawn([1, 3, 16, 16], 1)), bias = new(Drawn([16], 2));
        Check(
            x =>
            {
                Tensor y = x[0];
                for (int i = 0; i < 2; i++) y = (y.Unsqueeze(1).Conv2d(weight.Value, padding: (0, 4, 0, 0), dilation: (1, 2)).Squeeze(1) + bias.Value).Relu();
                GradientSet gradients = Gradient.Of((y * y).Mean(), [weight, bias]);
                return [y, gradients[weight], gradients[bias]];
            },
            [Drawn([3, 50, 16], 3)], "conv2d+[add relu]", "conv2d_gradients+[gate]");
    }

    /// <summary>What precedes a chain: all kernels that end their results themselves, and some that leave it to the chain.</summary>
    public static TheoryData<string> Producers =>
    [
        "matmul 7 5 9", "matmul 40 70 50", "matmul 300 40 64", "matmul 96 900 200", "matmul 33 1000 7", "matmul 2 300 70", "matmul 1 64 10", "matmul 50 20 1",
        "conv 1 5 6", "conv 1 3 32", "conv 3 3 16", "conv 3 5 7", "conv 16 3 16", "conv 16 3 20", "line 16 32", "depthwise 8 3",
    ];

    [Theory, MemberData(nameof(Producers))]
    public void What_a_kernel_does_at_the_end_of_its_result_has_the_bits_of_the_ops(string producer)
    {
        string[] words = producer.Split(' ');
        int[] n = [.. words[1..].Select(int.Parse)];
        (Tensor x, Tensor w) = words[0] switch
        {
            "matmul" => (Drawn([n[0], n[1]], 1), Drawn([n[1], n[2]], 2)),
            "conv" => (Drawn([3, 19, 21, n[0]], 1), Drawn([n[1], n[1], n[0], n[2]], 2)),
            "line" => (Drawn([3, 1, 50, n[0]], 1), Drawn([1, 3, n[0], n[1]], 2)),
            _ => (Drawn([3, 19, 21, n[0]], 1), Drawn([n[1], n[1], 1, n[0]], 2)),
        };
        // Results with all that a maximum and a sum can trip over.
        float[] values = x.ToArray<float>();
        (values[0], values[values.Length / 2], values[^1]) = (float.NaN, float.PositiveInfinity, -0f);
        x = Tensor.From(values, x.Shape);
        Tensor Made(Tensors t) => words[0] == "matmul" ? t[0].MatMul(t[1]) : t[0].Conv2d(t[1], padding: (0, 1, 0, 1), groups: words[0] == "depthwise" ? n[0] : 1);
        int columns = w.Shape[^1];
        Tensors inputs = [x, w, Drawn([columns], 3), Drawn([1, columns], 4), Drawn([columns], 5), Drawn(Made([x, w]).Shape, 6)];

        Check(t => Made(t) + t[2], inputs);
        Check(t => (t[2] + Made(t)).Relu(), inputs);
        Check(t => Made(t).Relu(), inputs);
        Check(t => ((Made(t) - t[2]) * t[3] + t[4]).Relu(), inputs);
        Check(t => (t[2] - Made(t)) * t[3], inputs);
        Check(t => (Made(t) + t[2] * t[3]).Tanh() * t[4], inputs);
        Check(t => ((Made(t) * t[2]).Relu() + t[3] - 0.5).Relu(), inputs);
        // Values that leave the chain on its way, and the product itself.
        Check(t => { Tensor y = Made(t) + t[2]; return [y, y.Relu(), (y * t[5]).Tanh()]; }, inputs);
        Check(t => { Tensor y = (Made(t) + t[2]).Relu(); return [y, (y + t[5]).Relu()]; }, inputs);
        Check(t => { Tensor y = Made(t); return [y, (y + t[2]).Relu() * t[5]]; }, inputs);
        Check(t => { Tensor y = Made(t); return (y + t[2]) * y; }, inputs);
        Check(t => { Tensor y = Made(t); return y + y + t[2]; }, inputs);
    }

    [Fact]
    public void A_matrix_product_adds_the_row_of_a_chain_that_reads_other_matrices() => Check(
        x => { Tensor y = x[0].MatMul(x[1]) + x[2]; return [(y + x[3]).Tanh(), y * x[2]]; },
        [Drawn([40, 70], 1), Drawn([70, 50], 2), Drawn([50], 3), Drawn([40, 50], 4)], "matmul+[add]", "fused[");
}
