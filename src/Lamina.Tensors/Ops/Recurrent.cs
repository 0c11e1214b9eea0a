using Lamina.Tensors.Engines.Cpu.Recurrent;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Ops;

/// <summary>The base of the recurrent ops: a cell that walks over whole sequences (batch, steps, features).</summary>
public abstract record RecurrentOp : Op
{
    /// <summary>Gates: each takes its own columns of the weights.</summary>
    private protected abstract int Gates { get; }

    /// <summary>
    /// Refuses operands that don't fit: x (batch, steps, features), inputWeight (features, gates · hidden), recurrentWeight
    /// (hidden, gates · hidden), then biases (gates · hidden), then states (batch, hidden).
    /// </summary>
    private protected void Check(Specs x, ReadOnlySpan<string> biases, ReadOnlySpan<string> states)
    {
        RequireOperands(x, 3 + biases.Length + states.Length);
        if (x[0].Shape.Rank != 3) Refuse($"x has shape {x[0].Shape}, not (batch, steps, features)", x[0].Shape.Rank == 2
            ? "Unsqueeze(0) for a single sequence" : null);
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        if (x[0].Shape[1] == 0) Refuse($"x {x[0].Shape} has no steps");
        int batch = x[0].Shape[0], hidden = Hidden(x[2], "recurrentWeight"), columns = Gates * hidden;
        Require(x, 1, "inputWeight", [x[0].Shape[2], columns]);
        Require(x, 2, "recurrentWeight", [hidden, columns]);
        for (int i = 0; i < biases.Length; i++) Require(x, 3 + i, biases[i], [columns]);
        for (int i = 0; i < states.Length; i++) Require(x, 3 + biases.Length + i, states[i], [batch, hidden]);
    }

    /// <summary>The hidden units of a recurrent weight (hidden, gates · hidden).</summary>
    private protected int Hidden(Spec weight, string name)
    {
        Shape shape = weight.Shape;
        if (shape.Rank != 2 || shape[0] == 0 || shape[1] != Gates * shape[0])
            Refuse($"{name} has shape {shape}, not (hidden, {(Gates == 1 ? "hidden" : $"{Gates} · hidden")})");
        return shape[0];
    }

    /// <summary>Refuses an operand that has another shape, or another type than the first operand.</summary>
    private protected void Require(Specs x, int index, string name, Shape shape)
    {
        if (x[index] != x[0] with { Shape = shape }) Refuse($"{name} is {x[index]}; with the other operands it must be {x[0] with { Shape = shape }}");
    }

    /// <summary>
    /// Refuses operands of a gradient that don't fit x (batch, steps, features) and recurrentWeight: the states before the first
    /// step, y (batch, steps, hidden), where there are any the pieces of each gate, and dy. What comes then is (batch, hidden).
    /// Gives the specs of the weights' gradients.
    /// </summary>
    private protected (Spec Input, Spec Recurrent) CheckGradient(Specs x, int pieces, ReadOnlySpan<string> states, ReadOnlySpan<string> more)
    {
        RequireOperands(x, 4 + states.Length + (pieces > 0 ? 1 : 0) + more.Length);
        Shape shape = x[0].Shape;
        if (shape.Rank != 3 || shape[1] == 0) Refuse($"x has shape {shape}, not (batch, steps, features) with a step or more");
        if (!x[0].DType.IsFloat) Refuse($"takes float32 or float64, not {x[0].DType.Text}", "Cast(DType.Float32) first");
        int hidden = Hidden(x[1], "recurrentWeight"), at = 2;
        Require(x, 1, "recurrentWeight", x[1].Shape);
        foreach (string state in states) Require(x, at++, state, [shape[0], hidden]);
        Require(x, at++, "y", shape.With(2, hidden));
        if (pieces > 0) Require(x, at++, "gates", new GateBlocks(shape[0], hidden, pieces).Over(shape[1]));
        Require(x, at++, "dy", shape.With(2, hidden));
        foreach (string state in more) Require(x, at++, state, [shape[0], hidden]);
        return (x[0] with { Shape = [shape[2], Gates * hidden] }, x[1]);
    }

    /// <summary>Multiply-adds of a gradient of x (batch, steps, features) and recurrentWeight: back through the steps, and by both weights.</summary>
    private protected static long GradientWork(Specs x) => (long)x[0].Shape[0] * x[0].Shape[1] * x[1].Shape[1] * (2 * x[1].Shape[0] + x[0].Shape[2]);

    /// <summary>One step of (batch, steps, values): (batch, values).</summary>
    private protected static Tensor At(Tensor x, int step) => x.Narrow(1, step, 1).Squeeze(1);

    /// <summary>The columns of one gate of (…, gates · hidden).</summary>
    private protected static Tensor GateOf(Tensor x, int gate, int hidden) => x.Narrow(-1, gate * hidden, hidden);

    /// <summary>Steps (batch, values) as (batch, steps, values).</summary>
    private protected static Tensor Sequence(List<Tensor> steps) => Tensor.Stack([.. steps], 1);

    /// <summary>Pieces of each step, (batch, steps, pieces · hidden), as <see cref="GateBlocks"/> lays them: (steps, blocks, pieces, batch, 32).</summary>
    private protected static Tensor Blocked(Tensor x, int pieces)
    {
        (int batch, int steps, int hidden) = (x.Shape[0], x.Shape[1], x.Shape[2] / pieces);
        int blocks = GateBlocks.Count(hidden);
        return x.Reshape(new Shape(batch, steps, pieces, hidden)).Pad([0, 0, 0, 0], [0, 0, 0, blocks * GateBlocks.Units - hidden])
            .Reshape(new Shape(batch, steps, pieces, blocks, GateBlocks.Units)).Transpose(1, 3, 2, 0, 4);
    }

    /// <summary>Laid out again as (batch, steps, pieces · hidden).</summary>
    private protected static Tensor Unblocked(Tensor x, int hidden)
    {
        (int steps, int blocks, int pieces, int batch) = (x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]);
        return x.Transpose(3, 0, 2, 1, 4).Reshape(new Shape(batch, steps, pieces, blocks * GateBlocks.Units)).Narrow(3, 0,
            hidden).Reshape(new Shape(batch, steps, pieces * hidden));
    }

    /// <summary>The state before each step.</summary>
    private protected static Tensor Shifted(Tensor initial, Tensor y) => Tensor.Concat([initial.Unsqueeze(1), y.Narrow(1, 0, y.Shape[1] - 1)], 1);

    /// <summary>All positions (batch · steps, values).</summary>
    private protected static Tensor Positions(Tensor x) => x.Reshape(new Shape(x.Shape[0] * x.Shape[1], x.Shape[2]));

    /// <summary>The gradient of a weight that takes (batch, steps, in) to what has the gradient (batch, steps, out).</summary>
    private protected static Tensor ByWeight(Tensor x, Tensor by) => Positions(x).T.MatMul(Positions(by));

    /// <summary>The gradient of what goes through a weight.</summary>
    private protected static Tensor ThroughWeight(Tensor by, Tensor weight, Shape to) => Positions(by).MatMul(weight.T).Reshape(to);

    /// <summary>Whether a gradient is one zero, broadcast: nobody used the result.</summary>
    private protected static bool IsUnused(Tensor gradient)
    {
        if (gradient.IsSymbolic || gradient.Count == 0) return false;
        for (int axis = 0; axis < gradient.Rank; axis++)
            if (gradient.Shape[axis] > 1 && gradient.Strides[axis] != 0) return false;
        return gradient.Element(0) == 0;
    }
}
