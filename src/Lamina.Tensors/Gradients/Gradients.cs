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

    /// <summary>How many.</summary>
    public int Count => _variables.Count;

    /// <summary>The variables, in the order given.</summary>
    public IReadOnlyList<Variable> Variables => _variables;

    /// <summary>Gradients made from these one by one, such as clipped ones.</summary>
    public GradientSet Select(Func<Variable, Tensor, Tensor> change) =>
        new(_variables, v => change(v, _byVariable[v]));

    /// <summary>The square root of the sum of all squares, as a scalar tensor.</summary>
    public Tensor GlobalNorm()
    {
        Tensor total = Tensor.Full([], 0, Count > 0 ? _byVariable[_variables[0]].DType : DType.Float32);
        foreach ((_, Tensor gradient) in this) total = total + (gradient * gradient).Sum();
        return total.Sqrt();
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<Variable, Tensor>> GetEnumerator()
    {
        foreach (Variable variable in _variables) yield return KeyValuePair.Create(variable, _byVariable[variable]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
