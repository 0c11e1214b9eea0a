using Lamina.Formats;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

/// <summary>Matches the tensors of a file with a network's variables, all before anything is changed.</summary>
internal sealed class WeightMatch
{
    private readonly List<(Variable Variable, Tensor Value)> _fits = [];

    /// <summary>What fits and what doesn't.</summary>
    /// <exception cref="FileFormatException">Two names in the file become one path.</exception>
    public WeightMatch(Module network, IReadOnlyDictionary<string, Tensor> tensors, LoadOptions options, string file)
    {
        Dictionary<string, Variable> variables = network.Variables.ToDictionary(v => v.Path, v => v.Variable);
        HashSet<string> found = [];
        List<string> loaded = [], unexpected = [];
        List<OtherShape> others = [];
        foreach ((string full, Tensor value) in tensors.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (!full.StartsWith(options.Prefix, StringComparison.Ordinal)) continue;
            string name = full[options.Prefix.Length..];
            if ((options.Rename is { } rename ? rename(name) : name) is not { } path) continue;
            if (!variables.TryGetValue(path, out Variable? variable)) unexpected.Add(name);
            else if (!found.Add(path))
                throw new FileFormatException(file, $"entry \"{full}\"", "names that become paths of their own", $"'{path}' a second time",
                    "a Rename that gives each name another path");
            else if (Fit(variable, value) is not { } fitting) others.Add(new(path, $"{value.Spec}", Shown(variable)));
            else
            {
                loaded.Add(path);
                _fits.Add((variable, fitting));
            }
        }
        Report = new(loaded, [.. variables.Keys.Where(p => !found.Contains(p))], unexpected, others);
    }

    /// <summary>What was found.</summary>
    public LoadReport Report { get; }

    /// <summary>Gives the variables their values.</summary>
    public void Apply()
    {
        foreach ((Variable variable, Tensor value) in _fits)
        {
            (variable as ModuleVariable)?.Ensure(value.Shape);
            variable.Value = value;
        }
    }

    // A value as the variable takes it; floating-point numbers of other widths are brought to its own.
    private static Tensor? Fit(Variable variable, Tensor value)
    {
        if (variable is ModuleVariable { KnownShape: { } shape } ? shape != value.Shape : variable is not ModuleVariable
            && variable.Spec.Shape != value.Shape) return null;
        if (!variable.HasValue)
            return variable is Parameter && !IsFloat(value.DType) ? null : variable is Parameter && !value.DType.IsFloat ? value.Cast(DType.Float32)
                : value;
        if (variable.Spec.DType == value.DType) return value;
        return variable.Spec.DType.IsFloat && IsFloat(value.DType) ? value.Cast(variable.Spec.DType) : null;
    }

    private static bool IsFloat(DType type) => type is DType.Float32 or DType.Float64 or DType.Float16 or DType.BFloat16;

    private static string Shown(Variable variable) => variable is ModuleVariable { HasValue: false } empty
        ? $"{(empty.KnownShape is { } shape ? $"{shape}" : "any shape")}" : $"{variable.Spec}";
}
