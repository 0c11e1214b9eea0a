using System.Collections;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors.Gradients;

/// <summary>
/// The gradients of a scalar by variables: a value, keyed by variable. They come from reverse-mode differentiation
/// (Linnainmaa, 1970; Rumelhart, Hinton and Williams, 1986): the noted calls are walked backwards, each op giving the
/// gradients of its operands in tensor ops.
/// </summary>
public sealed class GradientSet : IEnumerable<KeyValuePair<Variable, Tensor>>
{
    private readonly List<Variable> _variables = [];
    private readonly Dictionary<Variable, Tensor> _byVariable = [];

    /// <summary>Gradients by variable, in the order given.</summary>
    public GradientSet(IEnumerable<KeyValuePair<Variable, Tensor>> items)
    {
        foreach ((Variable variable, Tensor gradient) in items) Add(variable, gradient);
    }

    internal GradientSet(IEnumerable<Variable> variables, Func<Variable, Tensor> gradient)
    {
        foreach (Variable variable in variables) Add(variable, gradient(variable));
    }

    private void Add(Variable variable, Tensor gradient)
    {
        _byVariable.Add(variable, gradient);
        _variables.Add(variable);
    }

    /// <summary>The gradient by one variable, of its shape.</summary>
    /// <exception cref="TensorException">No gradient was asked for by this variable.</exception>
    public Tensor this[Variable variable] => _byVariable.TryGetValue(variable, out Tensor? gradient) ? gradient
        : throw new TensorException("no gradient was taken by this variable", "pass it to Gradient.Of");

    /// <summary>Number of elements.</summary>
    public int Count => _variables.Count;

    /// <summary>The variables, in the order given.</summary>
    public IReadOnlyList<Variable> Variables => _variables;

    /// <summary>Gradients made from these one by one, such as clipped ones.</summary>
    public GradientSet Select(Func<Variable, Tensor, Tensor> change) =>
        new(_variables, v => change(v, _byVariable[v]));

    /// <summary>
    /// The square root of the sum of all squares, as a float64 scalar: it neither overflows nor underflows, since the norm of
    /// float32 values may be too large for float32. NaN or infinite where an element is; 0 where there are none.
    /// </summary>
    public Tensor GlobalNorm() =>
        Count == 0 ? Tensor.Of(0.0) : Tensor.Stack([.. _variables.Select(variable => _byVariable[variable].Norm())]).Norm();

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<Variable, Tensor>> GetEnumerator()
    {
        foreach (Variable variable in _variables) yield return KeyValuePair.Create(variable, _byVariable[variable]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
