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
    private readonly KeyValuePair<Variable, Tensor>[] _items;
    private readonly Dictionary<Variable, Tensor> _byVariable;

    /// <summary>Gradients by variable, in the order given.</summary>
    public GradientSet(IEnumerable<KeyValuePair<Variable, Tensor>> items)
    {
        _items = [.. items];
        _byVariable = new(_items);
    }

    /// <summary>The gradient by one variable, of its shape.</summary>
    /// <exception cref="TensorException">No gradient was asked for by this variable.</exception>
    public Tensor this[Variable variable] => _byVariable.TryGetValue(variable, out Tensor? gradient) ? gradient
        : throw new TensorException("no gradient was taken by this variable", "pass it to Gradient.Of");

    /// <summary>How many.</summary>
    public int Count => _items.Length;

    /// <summary>Gradients made from these one by one, such as clipped ones.</summary>
    public GradientSet Select(Func<Variable, Tensor, Tensor> change) =>
        new(_items.Select(item => KeyValuePair.Create(item.Key, change(item.Key, item.Value))));

    /// <summary>The square root of the sum of all squares, as a scalar tensor.</summary>
    public Tensor GlobalNorm()
    {
        Tensor total = Tensor.Full([], 0, _items.Length > 0 ? _items[0].Value.DType : DType.Float32);
        foreach ((_, Tensor gradient) in _items) total = total + (gradient * gradient).Sum();
        return total.Sqrt();
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<Variable, Tensor>> GetEnumerator() => ((IEnumerable<KeyValuePair<Variable, Tensor>>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
