namespace Lamina.Tensors;

/// <summary>
/// An object that serves one caller at a time was called while another call was in progress, or a value changed while it was
/// being read. Nothing was computed for the caller that gets it; the message says what to do instead.
/// </summary>
public sealed class ConcurrentUseException : InvalidOperationException
{
    /// <summary>Makes the exception; <paramref name="hint"/> is the way out, shown on a line of its own.</summary>
    public ConcurrentUseException(string message, string hint) : base($"{message}\n  try {hint}") => Hint = hint;

    /// <summary>Suggested remedy.</summary>
    public string Hint { get; }
}

/// <summary>Lets one caller in at a time; a second one gets an exception at once, since waiting would hide the mistake or never end.</summary>
internal sealed class ExclusiveUse(string what, string instead)
{
    private int _isTaken;

    /// <summary>Enters until the scope is disposed.</summary>
    /// <exception cref="ConcurrentUseException">Somebody is inside.</exception>
    public Scope Enter()
    {
        if (Interlocked.CompareExchange(ref _isTaken, 1, 0) != 0)
            throw new ConcurrentUseException($"this {what} is at work already, for another thread or for the call that this one is made from", instead);
        return new(this);
    }

    /// <summary>The time inside.</summary>
    public readonly ref struct Scope(ExclusiveUse use)
    {
        /// <summary>Lets the next one in.</summary>
        public void Dispose() => Volatile.Write(ref use._isTaken, 0);
    }
}
