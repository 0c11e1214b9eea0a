using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Modules;

/// <summary>
/// A part of a network that holds parameters and other modules. A class that derives from it is <c>partial</c>: the
/// generator writes its <see cref="Walk"/> from its properties and fields, lists and dictionaries included, so that
/// no parameter is missed and nothing is reflected.
/// </summary>
public abstract class Module
{
    /// <summary>Names every variable and module that this one holds. Written by the generator.</summary>
    protected internal virtual void Walk(ModuleWalk walk) { }

    /// <summary>All variables of this module and those in it, with their paths such as <c>hidden.1.weight</c>, in a fixed order.</summary>
    public IReadOnlyList<NamedVariable> Variables => ModuleWalk.Of(this).Variables;

    /// <summary>This module and all in it, with their paths; its own is empty.</summary>
    public IReadOnlyList<NamedModule> Modules => ModuleWalk.Of(this).Modules;

    /// <summary>The variables that training changes.</summary>
    public IEnumerable<Parameter> Parameters => Variables.Select(v => v.Variable).OfType<Parameter>().Where(p => !p.IsFrozen);

    /// <summary>Whether the shapes of all its variables are known.</summary>
    public bool IsBuilt => Variables.All(v => v.Variable is not ModuleVariable { KnownShape: null });

    /// <summary>The number of values in all parameters.</summary>
    /// <exception cref="TensorException">A shape isn't known yet.</exception>
    public long ParameterCount
    {
        get
        {
            long count = 0;
            foreach (Parameter parameter in Variables.Select(v => v.Variable).OfType<Parameter>())
                count += (parameter.KnownShape ?? throw new TensorException("a parameter's shape isn't known yet",
                    "Build() with the shape of an example first")).Count;
            return count;
        }
    }

    /// <summary>
    /// Gives every variable its first values, drawn from a stream of its own that depends on the seed and its path alone:
    /// the same seed gives the same network, whatever was made before it.
    /// </summary>
    /// <exception cref="TensorException">A shape isn't known yet.</exception>
    public void Initialize(ulong seed)
    {
        foreach ((string path, Variable variable) in Variables)
            ((ModuleVariable)variable).Initialize(new RandomStream(seed, PathStream(path)));
    }

    /// <summary>
    /// Gives those variables their first values that nobody set, loaded or trained: drawn from the seed and the path, whatever was made
    /// before in the process. Training does it when it begins.
    /// </summary>
    /// <exception cref="TensorException">A shape isn't known yet.</exception>
    public void InitializeUnset(ulong seed)
    {
        foreach ((string path, Variable variable) in Variables)
            if (variable is ModuleVariable { IsSet: false } unset) unset.Initialize(new RandomStream(seed, PathStream(path)));
    }

    /// <summary>
    /// A number that changes when what a recorded step depends on does: which modules and variables there are, which parameters are
    /// frozen, and the values of fields and properties that can be changed. Costs some nanoseconds for each module and allocates nothing.
    /// </summary>
    internal long Fingerprint() => ModuleWalk.FingerprintOf(this);

    /// <summary>The fingerprint that its first values were drawn for; null before.</summary>
    internal long? PreparedFor { get; set; }

    /// <summary>The kind of module and its options, as a summary shows it: <c>Conv2d(32, 3×3)</c>.</summary>
    public override string ToString() => GetType().Name;

    // FNV-1a, 64 bits: stable over runs and machines, which string.GetHashCode is not.
    internal static ulong PathStream(string path)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in path) hash = (hash ^ c) * 1099511628211;
        return hash;
    }
}

/// <summary>A variable and its path from the outermost module.</summary>
public sealed record NamedVariable(string Path, Variable Variable);

/// <summary>A module and its path from the outermost one.</summary>
public sealed record NamedModule(string Path, Module Module);
