using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

/// <summary>
/// A place that holds a tensor and can be given another: a network's parameter, an optimiser's moment, a running mean.
/// Tensors never change; variables do. Inside a plan, reads and writes are recorded, and the write happens in place.
/// </summary>
public class Variable
{
    private static readonly Lock s_creation = new();

    private Tensor? _value;
    private bool _owned;

    /// <summary>A variable that has no value yet.</summary>
    protected Variable() { }

    /// <summary>A variable with its first value.</summary>
    public Variable(Tensor value) => Value = value;

    /// <summary>Whether gradients are taken by this variable.</summary>
    public virtual bool IsTrainable => false;

    /// <summary>Whether it has a value.</summary>
    public bool HasValue => _value is not null;

    /// <summary>Whether its value is the first one that it made by itself: nobody set, loaded or trained it.</summary>
    internal bool IsDefault { get; private set; }

    /// <summary>Gives it a value that counts as one that it made by itself.</summary>
    internal void SetDefault(Tensor value)
    {
        Stored = value;
        IsDefault = true;
    }

    /// <summary>Makes the first value of a variable that was read before it was given one; null where it can't.</summary>
    protected virtual Tensor? CreateValue() => null;

    /// <summary>The value. A new one must have the type and shape of the old one.</summary>
    /// <exception cref="TensorException">There is no value yet, or the new one has another type or shape.</exception>
    public Tensor Value
    {
        get => Tracer.Current?.Read(this) ?? Stored;
        set
        {
            if (_value is not null && _value.Spec != value.Spec)
                throw new TensorException($"a variable of {_value.Spec} can't be given {value.Spec}");
            if (Tracer.Current is { } tracer) tracer.Write(this, value);
            else Stored = value;
        }
    }

    /// <summary>Type and shape of the value.</summary>
    public Spec Spec => InPlace.Spec;

    /// <summary>The value in memory, whatever is being traced. After an update in place it is another tensor: the one from before is no longer valid.</summary>
    internal Tensor Stored
    {
        get
        {
            Tensor value = InPlace;
            return value.IsOverwritten ? _value = Tensor.Renewed(value, this) : value;
        }
        set
        {
            Tensor leaf = value.AsLeaf(this);
            // A plan's result, or the value of a variable that a plan updates: the next run would change it here too.
            _value = leaf.Storage.IsRewritten ? leaf.Keep().AsLeaf(this) : leaf;
            _owned = IsDefault = false;
        }
    }

    /// <summary>The memory of the value, for plans: as a tensor that may be of an earlier version.</summary>
    internal Tensor InPlace
    {
        get
        {
            if (_value is null) Create();
            return _value!;
        }
    }

    // The first value is made once, however many threads ask; inside a plan too it is made here and now, not recorded.
    private void Create()
    {
        lock (s_creation)
        {
            if (_value is not null) return;
            using (Tracer.Suspend()) SetDefault(CreateValue() ?? throw new TensorException("a variable was read before it had a value"));
        }
    }

    /// <summary>Makes it a variable without a value again.</summary>
    internal void Reset() => (_value, _owned, IsDefault) = (null, false, false);

    /// <summary>Gives the variable memory that no other tensor shows, so that a plan can update it in place.</summary>
    internal void Own()
    {
        lock (s_creation)
        {
            if (_owned) return;
            Stored = Stored.Keep();
            Stored.Storage.Rewriter = Rewriter.Update;
            _owned = true;
        }
    }
}
