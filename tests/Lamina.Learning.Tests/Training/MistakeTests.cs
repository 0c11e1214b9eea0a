using Lamina.Learning.Data;
using Lamina.Learning.Layers;
using Lamina.Learning.Losses;
using Lamina.Learning.Metrics;
using Lamina.Learning.Modules;
using Lamina.Learning.Optimizers;
using Lamina.Learning.Training;
using Lamina.Tensors;
using static Lamina.Tensors.Ops.TensorOps;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests.Training;

/// <summary>The commonest mistakes: the message names the op, the layer and a way out, and the way out works.</summary>
public class MistakeTests
{
    private static readonly Tensor s_images = Drawn((8, 12, 12, 1)), s_colour = Drawn((8, 12, 12, 3)), s_table = Drawn((8, 6));
    private static readonly Tensor s_labels = Tensor.From(0, 1, 2, 3, 0, 1, 2, 3), s_numbers = Drawn([8]);

    private static Tensor Drawn(Shape shape) => Tensor.RandomUniform(shape, Tensor.From(1L, 2L), 3);

    private static Finished Train(Layer network, Loss loss, Tensor inputs, Tensor targets, params Metric[] metrics) =>
        new Trainer(network, loss, new Adam(), new TrainerOptions { Epochs = 1 }, metrics)
            .Fit(new DataLoader(new TensorDataset(inputs, targets), BatchOptions.Training with { Size = 4 }));

    // The message has these parts in this order.
    private static void Says<T>(Action mistake, params string[] parts) where T : Exception
    {
        string message = Assert.ThrowsAny<T>(mistake).Message;
        int at = 0;
        foreach (string part in parts)
        {
            int found = message.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{part}' is missing, or out of order, in:\n{message}");
            at = found + part.Length;
        }
    }

    private static void Says(Action mistake, params string[] parts) => Says<TensorException>(mistake, parts);

    [Fact]
    public void A_missing_Flatten_is_named_with_the_layer()
    {
        Says(() => Train(new Sequential(new Conv2d(4, 3), new Relu(), new Linear(4)), new CrossEntropy(), s_images, s_labels),
            "CrossEntropy: the prediction has shape (4, 10, 10, 4), the target (4)", "2 axes between the batch and the classes",
            "in  [2] Linear(4, 4), the layer that gives the prediction", "try a Flatten() or GlobalAveragePool() layer before the last Linear");
        Train(new Sequential(new Conv2d(4, 3), new Relu(), new Flatten(), new Linear(4)), new CrossEntropy(), s_images, s_labels);
        Train(new Sequential(new Conv2d(4, 3), new Relu(), new GlobalAveragePool(), new Linear(4)), new CrossEntropy(), s_images, s_labels);
    }

    [Fact]
    public void A_missing_Flatten_before_a_Linear_of_a_given_size_is_named()
    {
        Says(() => Train(new Sequential(new Linear(144, 4)), new CrossEntropy(), s_images, s_labels),
            "Linear(144, 4): the input has shape (4, 12, 12, 1) with 1 features, the layer takes 144", "in  [0]", "try a Flatten() layer before this one");
        Train(new Sequential(new Flatten(), new Linear(144, 4)), new CrossEntropy(), s_images, s_labels);
        // The size is of no use either: the number after it is.
        Says(() => Train(new Sequential(new Conv2d(5, 3), new Linear(7, 4)), new CrossEntropy(), s_images, s_labels),
            "in  [1]", "a Flatten() layer before this one and Linear(500, 4), one prediction for each example");
        Train(new Sequential(new Conv2d(5, 3), new Flatten(), new Linear(500, 4)), new CrossEntropy(), s_images, s_labels);
    }

    [Fact]
    public void A_missing_Flatten_in_a_regression_is_named() =>
        Says(() => Train(new Sequential(new Conv2d(4, 3), new Linear(1)), new MeanSquaredError(), s_images, s_numbers),
            "MeanSquaredError: the prediction has shape (4, 10, 10, 1), the target (4)", "in  [1] Linear(4, 1)", "a Flatten() layer before the last Linear");

    [Fact]
    public void Features_that_a_Linear_does_not_take_are_named()
    {
        Says(() => Train(new Sequential(new Linear(7, 4)), new CrossEntropy(), s_table, s_labels),
            "Linear(7, 4): the input has shape (4, 6) with 6 features, the layer takes 7", "in  [0]", "or Linear(6, 4)");
        Train(new Sequential(new Linear(6, 4)), new CrossEntropy(), s_table, s_labels);
    }

    public static TheoryData<string, Layer, Tensor> Weighted => new()
    {
        { "Linear", new Linear(4), s_table },
        { "Conv2d", new Conv2d(4, 3), s_images },
        { "Conv1d", new Conv1d(4, 3), s_table.Unsqueeze(2) },
        { "Lstm", new Lstm(4), s_table.Unsqueeze(2) },
        { "Gru", new Gru(4), s_table.Unsqueeze(2) },
        { "Rnn", new Rnn(4), s_table.Unsqueeze(2) },
        { "BatchNorm", new BatchNorm(), s_table },
        { "LayerNorm", new LayerNorm(), s_table },
        { "GroupNorm", new GroupNorm(2), s_table },
    };

    [Theory]
    [MemberData(nameof(Weighted), DisableDiscoveryEnumeration = true)]
    public void Inputs_of_another_type_get_a_cast_that_works(string name, Layer layer, Tensor input)
    {
        foreach (DType type in (DType[])[DType.UInt8, DType.Int64, DType.Float64])
        {
            var network = new Sequential(layer);
            Tensor wrong = (input * 200).Cast(type);
            Says(() => network.Build(wrong.Shape.Without(0), type), name, $"the input is {type.Text}, the weights are float32", "in  [0]", "try Cast(DType.Float32) on the inputs");
            Says(() => network.Forward(wrong), name, $"the input is {type.Text}", "try Cast(DType.Float32) on the inputs");
            network.Forward(wrong.Cast(DType.Float32));
        }
    }

    [Theory]
    [InlineData(1, 12, 12, 5, false)]
    [InlineData(3, 32, 32, 3, true)]
    [InlineData(3, 32, 32, 3, false)]
    [InlineData(3, 48, 64, 5, true)]
    [InlineData(1, 28, 28, 3, true)]
    [InlineData(3, 8, 30, 1, false)]
    public void Images_with_their_channels_first_are_refused_before_the_first_step(int channels, int height, int width, int kernel, bool same)
    {
        Sequential Network() => new(new Conv2d(4, kernel, padding: same ? Padding.Same : Padding.Valid), new Relu(), new GlobalAveragePool(), new Linear(4));
        Tensor images = Drawn((8, channels, height, width));
        Action[] ways = [() => Train(Network(), new CrossEntropy(), images, s_labels), () => Network().Forward(images)];
        foreach (Action way in ways)
            Says(way, "Conv2d(4, ", $"looks like {channels} channel", "channels are the last axis here", "in  [0]", "try Transpose(0, 2, 3, 1) on the inputs");
        Train(Network(), new CrossEntropy(), images.Transpose(0, 2, 3, 1), s_labels);
    }

    [Fact]
    public void Images_that_really_are_low_and_of_many_channels_can_be_trained_on()
    {
        Tensor low = Drawn((8, 3, 16, 24));
        var first = new Conv2d(4, 3, padding: Padding.Same);
        Says(() => first.Build([3, 16, 24]), "Where the height really is 3: Weight.Ensure([3, 3, 24, 4]) on this layer before");
        first.Weight.Ensure([3, 3, 24, 4]);
        Train(new Sequential(first, new Flatten(), new Linear(4)), new CrossEntropy(), low, s_labels);
    }

    [Fact]
    public void Layers_inside_of_a_network_may_give_low_images_of_many_channels()
    {
        Sequential Network() => new(new Conv2d(16, (10, 1)), new Relu(), new Conv2d(16, 3, padding: Padding.Same), new Flatten(), new Linear(4));
        Train(Network(), new CrossEntropy(), s_colour, s_labels); // (3, 12, 16) in the middle
        Assert.Equal((8, 4), (Network().Forward(s_colour).Shape[0], Network().Forward(s_colour).Shape[1]));
    }

    [Fact]
    public void Channels_first_in_a_network_that_is_built_get_the_Transpose()
    {
        var network = new Sequential(new Conv2d(4, 3), new Flatten(), new Linear(4));
        network.Build([12, 12, 3]);
        Tensor first = s_colour.Transpose(0, 3, 1, 2);
        Says(() => network.Forward(first), "Conv2d(4, 3×3): the input has shape (8, 3, 12, 12) with 12 features, the layer takes 3", "try Transpose(0, 2, 3, 1) on the inputs");
        network.Forward(first.Transpose(0, 2, 3, 1));
        var sequences = new Conv1d(4, 3);
        sequences.Build([20, 3]);
        Says(() => sequences.Forward(Drawn((2, 3, 20))), "try Transpose(0, 2, 1) on the inputs");
        sequences.Forward(Drawn((2, 3, 20)).Transpose(0, 2, 1));
    }

    [Fact]
    public void A_kernel_larger_than_the_image_is_named()
    {
        Says(() => Train(new Sequential(new Conv2d(4, 15), new Flatten(), new Linear(4)), new CrossEntropy(), s_images, s_labels),
            "conv2d: the kernel covers 15×15", "only 12×12", "in  [0]", "try a smaller kernel, or padding");
        Train(new Sequential(new Conv2d(4, 15, padding: Padding.Same), new Flatten(), new Linear(4)), new CrossEntropy(), s_images, s_labels);
    }

    [Fact]
    public void A_softmax_before_CrossEntropy_is_refused()
    {
        Says(() => Train(new Sequential(new Linear(4), new Softmax()), new CrossEntropy(), s_table, s_labels),
            "CrossEntropy: the prediction has been through a softmax already", "in  [1] Softmax", "try the network without its last Softmax");
        Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, s_labels);
        // In the middle it is the network's own business.
        Train(new Sequential(new Linear(4), new Softmax(), new Linear(4)), new CrossEntropy(), s_table, s_labels);
    }

    [Fact]
    public void A_sigmoid_before_BinaryCrossEntropy_is_refused()
    {
        Tensor answers = s_labels.Cast(DType.Float32).Clamp(0, 1).Unsqueeze(-1);
        Says(() => Train(new Sequential(new Linear(1), new Sigmoid()), new BinaryCrossEntropy(), s_table, answers),
            "BinaryCrossEntropy: the prediction has been through a sigmoid already", "in  [1] Sigmoid", "try the network without its last Sigmoid");
        Train(new Sequential(new Linear(1)), new BinaryCrossEntropy(), s_table, answers);
    }

    [Fact]
    public void Labels_as_one_hot_rows_get_ArgMax()
    {
        Tensor oneHot = s_labels.OneHot(4);
        Says(() => Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, oneHot.Cast(DType.Int64)), "CrossEntropy: ", "in  [0] Linear(6, 4)",
            "try ArgMax(-1) on a one-hot target");
        // As probabilities they are taken, as in PyTorch.
        Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, oneHot.Cast(DType.Float32));
        Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, oneHot.ArgMax(-1));
        Says(() => Train(new Sequential(new Linear(9)), new CrossEntropy(), s_table, oneHot.Cast(DType.Float32)), "try a last layer of 4 outputs, and ArgMax(-1) on the target");
    }

    [Fact]
    public void Labels_of_other_types_are_taken_or_get_a_cast()
    {
        Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, s_labels);
        Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, s_labels.Cast(DType.Int64));
        foreach (DType type in (DType[])[DType.Float32, DType.UInt8])
        {
            Tensor labels = s_labels.Cast(type);
            Says(() => Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, labels), type.Text, "Cast(DType.Int64)");
            Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, labels.Cast(DType.Int64));
        }
        Says(() => Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, s_labels.Unsqueeze(-1)), "try Squeeze(-1) on the target");
        Says(() => Tensor.From('a', 'b'), "no tensor holds elements of type Char", "classes that have names are numbered from 0");
    }

    [Fact]
    public void Labels_that_are_no_class_are_named()
    {
        Says(() => Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, s_labels + Tensor.Of(1)),
            "label 4 at ", "is out of range 0 to 3", "try labels from 0 on (subtract 1 where they begin with 1), or a last layer of 5 outputs or more");
        Train(new Sequential(new Linear(5)), new CrossEntropy(), s_table, s_labels + Tensor.Of(1));
    }

    [Fact]
    public void A_target_without_the_predictions_last_axis_gets_it()
    {
        Says(() => Train(new Sequential(new Linear(1)), new MeanSquaredError(), s_table, s_numbers), "MeanSquaredError: the prediction has shape (4, 1), the target (4)", "in  [0] Linear(6, 1)", "try Unsqueeze(-1) on the target");
        Train(new Sequential(new Linear(1)), new MeanSquaredError(), s_table, s_numbers.Unsqueeze(-1));
        Says(() => Train(new Sequential(new Linear(3)), new MeanSquaredError(), s_table, s_numbers.Unsqueeze(-1)), "try a last layer of 1 output");
    }

    [Fact]
    public void Accuracy_on_a_regression_points_to_metrics_of_numbers()
    {
        Says(() => Train(new Sequential(new Linear(1)), new MeanSquaredError(), s_table, s_numbers.Unsqueeze(-1), new Accuracy()),
            "accuracy: the target is float32 of shape (4, 1): numbers, not classes", "try MeanAbsolute() or RSquared()");
        Says(() => Train(new Sequential(new Linear(3)), new MeanSquaredError(), s_table, Drawn((8, 3)), new Accuracy()), "accuracy: ", "try MeanAbsolute() or RSquared() for a target of numbers");
        Train(new Sequential(new Linear(1)), new MeanSquaredError(), s_table, s_numbers.Unsqueeze(-1), new MeanAbsolute(), new RSquared());
        Says(() => Train(new Sequential(new Linear(4)), new CrossEntropy(), s_table, s_labels, new MeanAbsolute()), "mae: ", "try Accuracy(), which measures classes");
    }

    [Fact]
    public void An_example_without_a_batch_axis_gets_one()
    {
        var linear = new Sequential(new Linear(4));
        Says(() => linear.Forward(Drawn([6])), "Linear(4): the input has shape (6), not (batch, features)", "in  [0]", "try Unsqueeze(0)");
        linear.Forward(Drawn([6]).Unsqueeze(0));
        var convolution = new Sequential(new Conv2d(4, 3));
        Says(() => convolution.Forward(Drawn((12, 12, 1))), "not (batch, height, width, channels)", "try Unsqueeze(0) on the input for a single example, or Unsqueeze(-1) where there is one channel");
        convolution.Forward(Drawn((12, 12, 1)).Unsqueeze(0));
        new Conv2d(4, 3).Forward(Drawn((8, 12, 12)).Unsqueeze(-1));
        Says(() => new Sequential(new Conv1d(4, 3)).Forward(s_table), "Conv1d(4, 3): the input has shape (8, 6), not (batch, steps, channels)", "Unsqueeze(-1) where there is one channel");
        new Conv1d(4, 3).Forward(s_table.Unsqueeze(-1));
        Says(() => new Conv2d(4, 3).Forward(Drawn((8, 144))), "such as ReshapeTo(12, 12, 1)");
        new Sequential(new ReshapeTo(12, 12, 1), new Conv2d(4, 3)).Forward(Drawn((8, 144)));
    }

    [Fact]
    public void Sets_that_are_empty_or_of_unequal_length_are_refused()
    {
        Says<ArgumentException>(() => Train(new Linear(4), new CrossEntropy(), Tensor.Zeros((0, 6)), Tensor.Zeros([0], DType.Int32)), "the set has no examples", "try a set of one example or more");
        Says(() => Train(new Linear(4), new CrossEntropy(), s_table, s_labels[..7]), "inputs (8, 6) and targets (7)", "try as many inputs as targets: there are 8 and 7");
        Says(() => _ = new Batch(s_table, s_labels[..7]), "try as many inputs as targets: there are 8 and 7");
    }

    [Fact]
    public void A_batch_may_be_larger_than_the_set() =>
        new Trainer(new Linear(4), new CrossEntropy(), new Adam(), new TrainerOptions { Epochs = 1 }).Fit(new DataLoader(new TensorDataset(s_table, s_labels), BatchOptions.Training with { Size = 1000 }));

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    public void A_learning_rate_that_is_none_is_refused(double rate) =>
        Says<ArgumentOutOfRangeException>(() => new Trainer(new Linear(4), new CrossEntropy(), new Adam(rate)), "the learning rate is a number above 0, such as 0.001");

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(1e300)]
    public void A_step_refuses_a_learning_rate_that_is_none(double rate) =>
        Says<ArgumentOutOfRangeException>(() => new TrainStep(new Linear(4), new CrossEntropy(), new Adam()).Run(new Batch(s_table, s_labels), 0, rate), "the learning rate is 0 or more, such as 0.001");

    [Fact]
    public void A_learning_rate_that_is_too_high_is_named() =>
        Says<DivergedException>(() => new Trainer(new Linear(1), new MeanSquaredError(), new Sgd(1e30), new TrainerOptions { Epochs = 40 })
            .Fit(new DataLoader(new TensorDataset(s_table, s_numbers.Unsqueeze(-1)), BatchOptions.Training with { Size = 4 })), "try a lower learning rate");

    [Fact]
    public void A_network_without_parameters_is_refused()
    {
        Says(() => Train(new Sequential(new Flatten(), new Relu()), new CrossEntropy(), s_table, s_labels), "Sequential(2 layers) has no parameters to train", "try a layer with weights");
        var frozen = new Linear(4);
        frozen.Weight.IsFrozen = frozen.Bias!.IsFrozen = true;
        Says(() => Train(frozen, new CrossEntropy(), s_table, s_labels), "has no parameters to train", "that isn't frozen");
    }

    [Fact]
    public void A_layer_that_is_used_twice_shares_its_weights()
    {
        var shared = new Linear(6);
        Train(new Sequential(shared, new Relu(), shared, new Linear(4)), new CrossEntropy(), s_table, s_labels);
        Says(() => Train(new Sequential(shared, new Linear(4), shared), new CrossEntropy(), s_table, s_labels), "Linear(6, 6): the input has shape (1, 4)", "or Linear(4, 6), which takes these");
    }

    [Fact]
    public void An_example_that_does_not_fit_settles_no_shape()
    {
        var network = new Sequential(new Conv2d(4, 3), new Conv2d(4, 11), new Flatten(), new Linear(4));
        Says(() => network.Build([12, 12, 3]), "conv2d: the kernel covers 11×11", "in  [1]");
        Assert.False(network.IsBuilt);
        Train(network, new CrossEntropy(), Drawn((8, 14, 14, 1)), s_labels);
    }

    public static TheoryData<string, Action> Axes => new()
    {
        { "sum", () => s_table.Sum([2]) },
        { "max", () => s_table.Max([-3]) },
        { "min", () => s_table.Min([5]) },
        { "prod", () => s_table.Prod([2]) },
        { "sum", () => s_table.Mean([2]) },
        { "softmax", () => s_table.Softmax(2) },
        { "log_softmax", () => s_table.LogSoftmax(2) },
        { "transpose", () => s_table.Transpose(0, 2) },
        { "concat", () => Tensor.Concat([s_table, s_table], 2) },
        { "narrow", () => s_table.Narrow(2, 0, 1) },
        { "flip", () => s_table.Flip(2) },
        { "squeeze", () => s_table.Squeeze(2) },
        { "flatten", () => s_table.Flatten(2) },
        { "sort", () => s_table.Sort(2) },
        { "gather", () => s_table.Gather(2, s_labels) },
    };

    [Theory]
    [MemberData(nameof(Axes), DisableDiscoveryEnumeration = true)]
    public void An_axis_that_there_is_not_is_named_with_the_op(string op, Action mistake) =>
        Says(mistake, $"{op}: axis ", "of shape (8, 6): there are 2 axes", "try an axis from 0 to 1, or from -1 (the last) to -2");

    [Fact]
    public void A_reshape_to_another_size_says_which_sizes_fit()
    {
        Says(() => s_table.Reshape(7, 7), "reshape: (8, 6) has 48 elements, (7, 7) has 49", "try sizes whose product is 48; one of them may be -1");
        Assert.Equal([4, 12], s_table.Reshape(4, -1).Shape.Span.ToArray());
        Says(() => new Sequential(new ReshapeTo(5)).Forward(s_table), "ReshapeTo(5): an example of (8, 6) has 6 elements", "in  [0]", "try sizes whose product is 6");
    }

    [Fact]
    public void Parts_that_do_not_join_along_an_axis_get_the_one_they_join_along()
    {
        Tensor other = Drawn((8, 2));
        Says(() => Tensor.Concat([s_table, other]), "concat: operand 1 has shape (8, 2), the first (8, 6): all axes but 0 must agree", "try axis 1, the only one in which they differ");
        Assert.Equal([8, 8], Tensor.Concat([s_table, other], 1).Shape.Span.ToArray());
    }

    [Fact]
    public void Products_of_two_types_get_a_cast_of_the_one_that_can_be_cast()
    {
        Tensor whole = Tensor.Ones((8, 8), DType.UInt8), wide = Tensor.Ones((8, 8), DType.Float64);
        Says(() => whole.MatMul(s_table), "matmul: the operands are uint8 and float32", "try Cast(DType.Float32) on the first");
        whole.Cast(DType.Float32).MatMul(s_table);
        Says(() => s_table.T.MatMul(whole), "try Cast(DType.Float32) on the second");
        Says(() => wide.MatMul(s_table), "try Cast(DType.Float32) on the first");
        Says(() => whole.MatMul(wide), "try Cast(DType.Float64) on the first");
    }

    [Fact]
    public void Numbers_that_an_Embedding_does_not_take_get_a_cast()
    {
        var network = new Sequential(new Embedding(10, 4));
        Says(() => network.Forward(s_table), "Embedding(10, 4): the input is float32, not whole numbers", "in  [0]", "try Cast(DType.Int64)");
        network.Forward(s_table.Cast(DType.Int64));
        Says(() => network.Forward(Tensor.From(3, 10)), "10", "is out of range 0 to 9");
    }
}
