using System.Text;
using Lamina.Tensors;

namespace Lamina.Learning.Modules;

/// <summary>
/// Collects the variables and modules in a module. Names are property paths in camel case, joined by dots; elements
/// of lists are numbered, those of dictionaries are named by their keys. What is reached twice counts once.
/// </summary>
public sealed class ModuleWalk
{
    private readonly List<NamedVariable> _variables = [];
    private readonly List<NamedModule> _modules = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _names = [];
    private string _prefix = "";

    private ModuleWalk() { }

    internal IReadOnlyList<NamedVariable> Variables => _variables;

    internal IReadOnlyList<NamedModule> Modules => _modules;

    internal static ModuleWalk Of(Module module)
    {
        var walk = new ModuleWalk();
        walk.Visit("", module);
        return walk;
    }

    /// <summary>A variable of the module.</summary>
    public void Add(string name, Variable? variable)
    {
        if (variable is null || !_seen.Add(variable)) return;
        if (!_names.Add(_prefix + name)) throw new InvalidOperationException($"two variables are named '{_prefix}{name}'; rename a member or a dictionary's key");
        _variables.Add(new(_prefix + name, variable));
    }

    /// <summary>A module in the module.</summary>
    public void Add(string name, Module? module)
    {
        if (module is not null) Visit(_prefix + name, module);
    }

    /// <summary>A list of variables.</summary>
    public void Add(string name, IEnumerable<Variable?>? variables)
    {
        int i = 0;
        foreach (Variable? variable in variables ?? []) Add($"{name}.{i++}", variable);
    }

    /// <summary>A list of modules.</summary>
    public void Add(string name, IEnumerable<Module?>? modules)
    {
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
