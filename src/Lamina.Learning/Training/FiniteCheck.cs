using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Runs ops as they are called and stops at the first result that holds a NaN or an infinity: the error says which op
/// made it, and the layers that it passes say where.
/// </summary>
internal sealed class FiniteCheck : Tracer
{
    public override Tensors Apply(Op op, Tensors inputs)
    {
        Tensors outputs;
        using (Suspend()) outputs = op.ApplyAll(inputs);
        foreach (Tensor output in outputs)
            if (FirstBad(output) is { } bad)
                throw new NotFiniteException($"{op.Name} gave {bad.What} at {bad.Index} of {output.Shape}; its operands were {string.Join(" and ", inputs.Items.Select(Describe))}");
        return outputs;
    }

    public override Tensor Read(Variable variable)
    {
        using (Suspend()) return variable.Value;
    }

    public override void Write(Variable variable, Tensor value)
    {
        using (Suspend()) variable.Value = value;
    }

    private static string Describe(Tensor x)
    {
        if (!x.DType.IsFloat) return x.Spec.ToString();
        (double least, double greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        for (int i = 0; i < x.Count; i++)
        {
            least = Math.Min(least, x.Element(i));
            greatest = Math.Max(greatest, x.Element(i));
        }
        return FormattableString.Invariant($"{x.Spec} from {least:G4} to {greatest:G4}");
    }

    private static (string What, string Index)? FirstBad(Tensor x)
    {
        if (!x.DType.IsFloat) return null;
        for (int i = 0; i < x.Count; i++)
        {
            double value = x.Element(i);
            if (double.IsFinite(value)) continue;
            var index = new int[x.Rank];
            for (int axis = x.Rank - 1, rest = i; axis >= 0; rest /= x.Shape[axis--]) index[axis] = rest % x.Shape[axis];
            return (double.IsNaN(value) ? "NaN" : "an infinity", $"({string.Join(", ", index)})");
        }
        return null;
    }
}

/// <summary>A value became NaN or infinite.</summary>
internal sealed class NotFiniteException : TensorException
{
    public NotFiniteException(string problem) : base(problem) => Problem = problem;

    /// <summary>The message without the place.</summary>
    public string Problem { get; }
}
