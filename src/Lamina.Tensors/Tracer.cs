namespace Lamina.Tensors;

/// <summary>
/// Takes over the ops of the current thread: a plan's recorder notes them instead of running them, a checker runs them
/// and looks at the results.
/// </summary>
public abstract class Tracer
{
    [ThreadStatic] private static Tracer? s_current;

    /// <summary>The tracer of this thread, or null: ops run as they are called.</summary>
    public static Tracer? Current => s_current;

    /// <summary>Called in place of running an op.</summary>
    public abstract Tensors Apply(Op op, Tensors inputs);

    /// <summary>The value that a variable has at this point.</summary>
    public abstract Tensor Read(Variable variable);

    /// <summary>Gives a variable a new value from this point on.</summary>
    public abstract void Write(Variable variable, Tensor value);

    /// <summary>A module begins its forward pass.</summary>
    public virtual void Enter(object module, Tensors inputs) { }

    /// <summary>A module has finished its forward pass.</summary>
    public virtual void Leave(object module, Tensors outputs) => Left?.Invoke(module, outputs);

    /// <summary>Raised when a module has finished its forward pass: for looking at, and adding calls on, its outputs.</summary>
    public event Action<object, Tensors>? Left;

    /// <summary>A view was made: the same memory, seen in another way.</summary>
    public virtual void Viewed(Op view, Tensor input, Tensor result) { }

    /// <summary>An op that is only its definition begins; the calls until <see cref="Leave(Op, Tensors)"/> are that definition.</summary>
    public virtual void Enter(Op composite, Tensors inputs) { }

    /// <summary>An op that is only its definition has its results.</summary>
    public virtual void Leave(Op composite, Tensors outputs) { }

    /// <summary>Whether a tensor came in from outside, and was not computed.</summary>
    public virtual bool IsInput(Tensor tensor) => false;

    /// <summary>Origin of the next calls.</summary>
    public virtual Origin Origin { get => Origin.None; set { } }

    /// <summary>The gradient of a call comes next: its op and its first result. Null: all gradients are taken.</summary>
    public virtual void Differentiate(Op? op, Tensor result) { }

    /// <summary>Makes this the thread's tracer until the scope is disposed.</summary>
    public Scope Begin() => new(this);

    /// <summary>Runs ops as they are called until the scope is disposed, whatever tracer there is.</summary>
    public static Scope Suspend() => new(null);

    /// <summary>The time that a tracer is in force.</summary>
    public readonly ref struct Scope
    {
        private readonly Tracer? _outer;

        internal Scope(Tracer? tracer)
        {
            _outer = s_current;
            s_current = tracer;
        }

        /// <summary>Puts the tracer back that was there before.</summary>
        public void Dispose() => s_current = _outer;
    }
}
