namespace Lamina.Tensors.Shapes;

/// <summary>
/// A call that cannot be done: shapes that do not fit, a type an op does not take, a value read too early.
/// The message names the op, the operands and the way out; <see cref="Path"/> says where in the model it happened.
/// </summary>
public class TensorException : Exception
{
    private readonly List<object> _modules = [];

    /// <summary>Makes the exception; <paramref name="hint"/> is the way out, shown on a line of its own.</summary>
    public TensorException(string message, string? hint = null, Exception? inner = null) : base(message, inner) => Hint = hint;

    /// <summary>Suggested remedy, or null.</summary>
    public string? Hint { get; }

    /// <summary>Turns the modules that the exception passed (innermost first) into a path such as <c>classifier.hidden[1]</c>.</summary>
    public Func<IReadOnlyList<object>, string>? Namer { get; set; }

    /// <summary>The place in the model, or null outside of one.</summary>
    public string? Path => _modules.Count > 0 && Namer is not null ? Namer(_modules) : null;

    /// <summary>An exception filter: notes that the exception passes <paramref name="module"/>, and never catches.</summary>
    public bool Passes(object module)
    {
        _modules.Add(module);
        return false;
    }

    /// <inheritdoc/>
    public override string Message
    {
        get
        {
            string text = base.Message;
            if (Path is { Length: > 0 } path) text += $"\n  in  {path}";
            if (Hint is not null) text += $"\n  try {Hint}";
            return text;
        }
    }
}

/// <summary>A value was read where there are only shapes yet: inside a plan's recording, or while a network is built.</summary>
public sealed class NoValueException(string message, string? hint = null) : TensorException(message, hint);
