namespace Lamina.Tensors.Plans;

/// <summary>
/// Keeps plans that share variables out of each other's way: the memory of a variable that a run updates is claimed by it, and a
/// run that only reads a variable finds out if another one updated it meanwhile. Neither waits.
/// </summary>
internal sealed class VariableClaims(bool[] isWritten)
{
    private readonly int[] _versions = new int[isWritten.Length];

    /// <summary>Claims the memory of variables that are written, and notes the versions of those that are read.</summary>
    /// <exception cref="ConcurrentUseException">Another plan is updating one; nothing is claimed then.</exception>
    public void Begin(ReadOnlySpan<KeyValuePair<Variable, Storage>> bound)
    {
        for (int i = 0; i < bound.Length; i++)
        {
            Storage memory = bound[i].Value;
            bool isFree = isWritten[i] ? memory.TryBeginRewrite() : (memory.Version & 1) == 0;
            if (!isFree)
            {
                End(bound[..i]);
                throw Shared();
            }
            _versions[i] = memory.Version;
        }
    }

    /// <summary>Gives the claimed memory free.</summary>
    public void End(ReadOnlySpan<KeyValuePair<Variable, Storage>> bound)
    {
        for (int i = 0; i < bound.Length; i++)
            if (isWritten[i]) bound[i].Value.EndRewrite();
    }

    /// <summary>Refuses the results of a run whose variables were updated by another meanwhile.</summary>
    /// <exception cref="ConcurrentUseException">One was.</exception>
    public void Check(ReadOnlySpan<KeyValuePair<Variable, Storage>> bound)
    {
        Interlocked.MemoryBarrier();
        for (int i = 0; i < bound.Length; i++)
            if (!isWritten[i] && bound[i].Value.Version != _versions[i]) throw Shared();
    }

    private static ConcurrentUseException Shared() =>
        new("a plan reads or updates variables that another plan is updating at the same time, on another thread",
            "one after the other, or a copy of the network for each thread");
}
