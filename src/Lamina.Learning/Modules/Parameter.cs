using Lamina.Learning.Initializers;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

/// <summary>A variable of a module: saved with it, and given its first values by an initialiser once its shape is known.</summary>
public abstract class ModuleVariable : Variable
{
    // Without an explicit seed, variables draw from streams in the order in which they were made.
    private static long s_made;
    private readonly ulong _order = (ulong)Interlocked.Increment(ref s_made);
    private readonly Initializer _initializer;
    // Two threads may bring the first input: a reference is set as a whole, and once.
    private Known? _known;

    private protected ModuleVariable(Initializer initializer, Shape? shape)
    {
        _initializer = initializer;
        if (shape is { } given) _known = new Known(given);
    }

    /// <summary>Fixes the shape at the first call; checks it at later ones.</summary>
    /// <exception cref="TensorException">The variable has another shape already.</exception>
    public void Ensure(Shape shape)
    {
        if (_known is null) Interlocked.CompareExchange(ref _known, new Known(shape), null);
        if (_known.Shape != shape)
            throw new TensorException($"the parameter has shape {_known.Shape}, this input asks for {shape}",
                "an input of the size that the layer was built for");
    }

    /// <summary>Takes back a shape that the first input told, and the value that came of it.</summary>
    internal void Forget()
    {
        _known = null;
        Reset();
    }

    /// <summary>The shape, or null until the first input tells it.</summary>
    public Shape? KnownShape => _known?.Shape;

    /// <summary>Whether its value was set, loaded or trained: it isn't the one that it made by itself.</summary>
    public bool IsSet => HasValue && !IsDefault;

    /// <summary>Gives it its first values again, drawn from <paramref name="random"/>.</summary>
    public void Initialize(RandomStream random) =>
        Value = Create(random);

    /// <summary>Gives it first values that training may still draw anew.</summary>
    internal void InitializeDefault(RandomStream random) => SetDefault(Create(random));

    private Tensor Create(RandomStream random) => _initializer.Create(KnownShape
        ?? throw new TensorException("the parameter's shape isn't known yet", "Build() of the network with the shape of an example first"), random);

    /// <inheritdoc/>
    protected override Tensor? CreateValue() => KnownShape is { } shape ? _initializer.Create(shape, new RandomStream(0, _order)) : null;

    private sealed record Known(Shape Shape);
}

/// <summary>A weight or bias: what training changes.</summary>
public sealed class Parameter(Initializer initializer, Shape? shape = null) : ModuleVariable(initializer, shape)
{
    /// <summary>Whether training leaves it as it is.</summary>
    public bool IsFrozen { get; set; }

    /// <inheritdoc/>
    public override bool IsTrainable => !IsFrozen;
}

/// <summary>A value that a module keeps and saves but that has no gradient: a running mean, a step count.</summary>
public sealed class Buffer(Initializer initializer, Shape? shape = null) : ModuleVariable(initializer, shape)
{
    /// <summary>Whether it follows what the weights make of the data, as a norm's running mean does: a moving average of the weights takes it in.</summary>
    public bool IsStatistic { get; init; }
}
