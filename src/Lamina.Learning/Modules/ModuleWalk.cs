using System.Runtime.CompilerServices;
using System.Text;
using Lamina.Tensors;

namespace Lamina.Learning.Modules;

/// <summary>
/// Collects the variables and modules in a module. Names are property paths in camel case, joined by dots; elements
/// of lists are numbered, those of dictionaries are named by their keys. What is reached twice counts once. The same walk takes a
/// module's fingerprint: then it collects nothing, and allocates nothing but for dictionaries.
/// </summary>
public sealed class ModuleWalk
{
    private readonly List<NamedVariable> _variables = [];
    private readonly List<NamedModule> _modules = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _names = [];
    private string _prefix = "";

    // Of a fingerprint: the number so far, and the modules that the walk is inside of.
    [ThreadStatic] private static ModuleWalk? t_fingerprint;
    private readonly bool _isFingerprint;
    private readonly List<Module> _open = [];
    private long _hash;

    private ModuleWalk(bool isFingerprint = false) => _isFingerprint = isFingerprint;

    internal IReadOnlyList<NamedVariable> Variables => _variables;

    internal IReadOnlyList<NamedModule> Modules => _modules;

    internal static ModuleWalk Of(Module module)
    {
        var walk = new ModuleWalk();
        walk.Visit("", module);
        return walk;
    }

    internal static long FingerprintOf(Module module)
    {
        ModuleWalk walk = t_fingerprint ??= new ModuleWalk(isFingerprint: true);
        walk._hash = 0;
        walk._open.Clear();
        walk.Mix(module);
        return walk._hash;
    }

    /// <summary>A variable of the module.</summary>
    public void Add(string name, Variable? variable)
    {
        if (_isFingerprint)
        {
            Mix(variable is null ? 0 : RuntimeHelpers.GetHashCode(variable) * 2 + (variable.IsTrainable ? 1 : 0));
            return;
        }
        if (variable is null || !_seen.Add(variable)) return;
        if (!_names.Add(_prefix + name))
            throw new InvalidOperationException($"two variables are named '{_prefix}{name}'; rename a member or a dictionary's key");
        _variables.Add(new(_prefix + name, variable));
    }

    /// <summary>A module in the module.</summary>
    public void Add(string name, Module? module)
    {
        if (module is null) return;
        if (_isFingerprint) Mix(module);
        else Visit(_prefix + name, module);
    }

    /// <summary>A list of variables.</summary>
    public void Add(string name, IEnumerable<Variable?>? variables)
    {
        if (_isFingerprint && variables is IReadOnlyList<Variable?> list)
        {
            for (int index = 0; index < list.Count; index++) Add("", list[index]);
            return;
        }
        int i = 0;
        foreach (Variable? variable in variables ?? []) Add($"{name}.{i++}", variable);
    }

    /// <summary>A list of modules.</summary>
    public void Add(string name, IEnumerable<Module?>? modules)
    {
        if (_isFingerprint && modules is IReadOnlyList<Module?> list)
        {
            Mix(list.Count);
            for (int index = 0; index < list.Count; index++) Add("", list[index]);
            return;
        }
        int i = 0;
        foreach (Module? module in modules ?? []) Add($"{name}.{i++}", module);
    }

    /// <summary>Variables by name, in the ordinal order of the names.</summary>
    public void Add<T>(string name, IEnumerable<KeyValuePair<string, T>>? items) where T : class?
    {
        foreach ((string key, T item) in (items ?? []).OrderBy(item => item.Key, StringComparer.Ordinal))
            if (item is Module module) Add($"{name}.{key}", module);
            else Add($"{name}.{key}", item as Variable);
    }

    /// <summary>A field or property that can be changed: its value is part of the fingerprint, and of nothing else.</summary>
    public void Note<T>(T value)
    {
        if (_isFingerprint) Mix(value is null ? 0 : EqualityComparer<T>.Default.GetHashCode(value));
    }

    /// <summary>The elements of a list or array, which can be changed.</summary>
    public void NoteAll<T>(IReadOnlyList<T>? values)
    {
        if (!_isFingerprint || values is null) return;
        Mix(values.Count);
        for (int i = 0; i < values.Count; i++) Note(values[i]);
    }

    /// <summary>The place of a module as an error shows it: <c>classifier.hidden[1]</c>.</summary>
    internal static string Place(IReadOnlyList<object> innermostFirst)
    {
        if (innermostFirst[^1] is not Module outermost) return "";
        string path = outermost.Modules.FirstOrDefault(m => ReferenceEquals(m.Module, innermostFirst[0]))?.Path ?? "";
        return path.Length == 0 ? $"{outermost.GetType().Name}" : Display(path);
    }

    /// <summary>A path with its numbers as indices: <c>hidden.1.weight</c> is shown as <c>hidden[1].weight</c>.</summary>
    internal static string Display(string path)
    {
        var text = new StringBuilder(path.Length + 8);
        foreach (string part in path.Split('.'))
            if (part.Length > 0 && part.All(char.IsAsciiDigit)) text.Append('[').Append(part).Append(']');
            else text.Append(text.Length > 0 ? "." : "").Append(part);
        return text.ToString();
    }

    private void Mix(Module module)
    {
        Mix(RuntimeHelpers.GetHashCode(module));
        foreach (Module outer in _open)
            if (ReferenceEquals(outer, module)) return; // a module that holds one it is held by
        _open.Add(module);
        module.Walk(this);
        _open.RemoveAt(_open.Count - 1);
    }

    // A multiplication with the golden ratio's bits and a shift: each bit of the number so far reaches all of the next.
    private void Mix(int value)
    {
        ulong mixed = ((ulong)_hash ^ (uint)value) * 0x9E3779B97F4A7C15;
        _hash = (long)(mixed ^ (mixed >> 29));
    }

    private void Visit(string path, Module module)
    {
        if (!_seen.Add(module)) return;
        _modules.Add(new(path, module));
        string outer = _prefix;
        _prefix = path.Length == 0 ? "" : path + ".";
        module.Walk(this);
        _prefix = outer;
    }
}
