using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Buffer = Lamina.Learning.Modules.Buffer;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// A network for a class that is rare among the rows of a table: a linear model, which few examples are enough for, and a <see cref="TabularNet"/>
/// that learns what a sum can't say (Cheng et al., 2016: "Wide and deep learning for recommender systems"). The linear model is fitted beforehand
/// and stays as it is; the deep part's output layer begins at zero, so that training starts from the linear model's answers. (batch, slots) →
/// (batch, 2) logits.
/// </summary>
public sealed partial class WideAndDeep : Layer, IEnsemble
{
    /// <summary>Builds the network.</summary>
    /// <param name="options">What a row holds, and the deep part; it has two outputs.</param>
    /// <param name="positive">The place of the rare class among the two, 0 or 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public WideAndDeep(TabularNetOptions options, int positive)
    {
        if (options.Outputs != 2) throw new ArgumentOutOfRangeException(nameof(options), options.Outputs,
            "a WideAndDeep network tells two classes apart");
        if (positive is < 0 or > 1) throw new ArgumentOutOfRangeException(nameof(positive), positive,
            "the rare class is the first or the second of two, 0 or 1");
        (Options, Positive) = (options, positive);
        Deep = new TabularNet(options);
        Wide = new Buffer(Constant.Zero, [1 + options.Numbers + options.Categories.Sum() + options.Texts.Sum(t => t.Tokens)]);
    }

    /// <summary>Options that the network was built with.</summary>
    public TabularNetOptions Options { get; }

    /// <summary>The place of the rare class.</summary>
    public int Positive { get; }

    /// <summary>The part that is trained.</summary>
    public TabularNet Deep { get; }

    /// <summary>The linear model: its bias, then a weight for each number, for each value of each category, and for each token of each
    /// text.</summary>
    public Buffer Wide { get; }

    /// <summary>The log-odds of the rare class that the linear model alone gives, (batch).</summary>
    /// <param name="x">Rows (batch, slots).</param>
    public Tensor Linear(Tensor x)
    {
        int batch = x.Shape[0], slot = Options.Numbers, at = 1 + slot;
        Tensor w = Wide.Value, sum = w.Narrow(0, 0, 1).BroadcastTo([batch]);
        if (slot > 0) sum += x.Narrow(1, 0, slot).MatMul(w.Narrow(0, 1, slot).Unsqueeze(1)).Squeeze(1);
        foreach (int size in Options.Categories)
        {
            sum += w.Narrow(0, at, size).Gather(0, x.Narrow(1, slot++, 1).Squeeze(1).Cast(DType.Int32));
            at += size;
        }
        foreach (TokenColumn text in Options.Texts)
        {
            Tensor tokens = x.Narrow(1, slot, text.Length), isToken = (tokens > 0).Cast(DType.Float32); // (batch, length)
            Tensor each = w.Narrow(0, at, text.Tokens).Gather(0, tokens.Cast(DType.Int32).Reshape(new Shape(batch * text.Length)));
            sum += (each.Reshape(new Shape(batch, text.Length)) * isToken).Sum([1]) / isToken.Sum([1]).Maximum(1).Sqrt();
            slot += text.Length;
            at += text.Tokens;
        }
        return sum;
    }

    /// <inheritdoc/>
    public Tensor Members(Tensors inputs, Pass pass) => Deep.Members(inputs, pass) + Logits(inputs[0]).Unsqueeze(1);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Deep.Forward(x, pass) + Logits(x);

    // (batch, 2): the log-odds for the rare class, 0 for the other.
    private Tensor Logits(Tensor x)
    {
        Tensor odds = Linear(x).Unsqueeze(1), none = Tensor.ZerosLike(odds);
        return Positive == 0 ? Tensor.Concat([odds, none], 1) : Tensor.Concat([none, odds], 1);
    }

    /// <inheritdoc/>
    public override string ToString() => $"WideAndDeep({Wide.KnownShape!.Value[0] - 1} + {Deep})";
}
