using System.Collections;
using System.Globalization;
using Lamina.Learning.Modules;
using Lamina.Tensors;

namespace Lamina.Learning.Layers;

/// <summary>
/// Layers one after the other. Written <c>new Sequential(a, b)</c> or <c>new Sequential { a, b }</c>; parameters are named
/// by the layers' numbers: <c>0.weight</c>.
/// </summary>
public sealed partial class Sequential : Layer, IReadOnlyList<Layer>
{
    private readonly List<Layer> _layers;

    /// <summary>These layers in this order.</summary>
    public Sequential(params ReadOnlySpan<Layer> layers) => _layers = [.. layers];

    /// <summary>Number of layers.</summary>
    public int Count => _layers.Count;

    /// <summary>A layer by its number, from 0.</summary>
    public Layer this[int index] => _layers[index];

    /// <summary>Adds a layer at the end.</summary>
    public void Add(Layer layer) => _layers.Add(layer);

    /// <inheritdoc/>
    public IEnumerator<Layer> GetEnumerator() => _layers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // By hand, for names without a list's own: hidden.1.weight, not hidden.layers.1.weight.
    /// <inheritdoc/>
    protected internal override void Walk(ModuleWalk walk)
    {
        for (int i = 0; i < _layers.Count; i++) walk.Add(i.ToString(CultureInfo.InvariantCulture), _layers[i]); // numbers below 300 have their texts ready
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        foreach (Layer layer in _layers) x = layer.Forward(x, pass);
        return x;
    }

    /// <inheritdoc/>
    public override string ToString() => $"Sequential({Count} layers)";
}
