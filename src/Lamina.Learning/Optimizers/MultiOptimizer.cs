using System.Diagnostics;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Several optimisers, each for the parameters whose paths fit its pattern; of several that fit, the first. So a discriminator and a generator
/// each have one of their own, as <c>new MultiOptimizer(("discriminator.*", new Adam(4e-4)), ("generator.*", new Adam(1e-4)))</c>. The learning
/// rate is the first one's; where a schedule or a caller gives another, the rates of the others change in proportion. Each keeps its own
/// <see cref="Optimizer.Groups"/> and counts its own steps.
/// </summary>
public sealed class MultiOptimizer : Optimizer
{
    private readonly (string Pattern, Optimizer Optimizer)[] _parts;
    private readonly Dictionary<Variable, Optimizer> _owners = [];
    private readonly Lock _gate = new();

    /// <summary>Makes the optimiser.</summary>
    /// <param name="parts">Patterns of parameter paths, where a star stands for any characters, and the optimiser of each.</param>
    /// <exception cref="ArgumentException">There are none, one optimiser has two patterns, or the first has a learning rate of 0.</exception>
    public MultiOptimizer(params ReadOnlySpan<(string Pattern, Optimizer Optimizer)> parts) : base(First(parts).LearningRate)
    {
        _parts = parts.ToArray();
        if (_parts.DistinctBy(p => p.Optimizer, ReferenceEqualityComparer.Instance).Count() < _parts.Length)
            throw new ArgumentException("an optimiser stands at two patterns: each has one of its own", nameof(parts));
    }

    /// <summary>The optimisers and the patterns of their parameters' paths.</summary>
    public IReadOnlyList<(string Pattern, Optimizer Optimizer)> Parts => _parts;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Paths aren't known: <see cref="Optimizer.Prepare(Module)"/> wasn't called before.</exception>
    public override void Prepare(IEnumerable<Variable> parameters)
    {
        foreach (IGrouping<Optimizer, Variable> part in parameters.GroupBy(OwnerOf)) part.Key.Prepare(part);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Paths aren't known: <see cref="Optimizer.Prepare(Module)"/> wasn't called before.</exception>
    public override void Update(GradientSet gradients, Tensor learningRate)
    {
        CheckRate(learningRate);
        foreach (IGrouping<Optimizer, Variable> part in gradients.Variables.GroupBy(OwnerOf))
        {
            // Of the rates as they are in single precision: each optimiser's own comes out to the bit.
            double ratio = (float)part.Key.LearningRate / (double)(float)LearningRate;
            Tensor rate = ratio == 1 ? learningRate : (learningRate.Cast(DType.Float64) * ratio).Cast(DType.Float32);
            part.Key.Update(new GradientSet(part.Select(v => KeyValuePair.Create(v, gradients[v]))), rate);
        }
    }

    internal override void Prepare(IReadOnlyList<NamedVariable> parameters)
    {
        if (Groups.Count > 0) throw new ArgumentException("groups of a MultiOptimizer belong to the optimisers in it: each has its own Groups");
        Find(parameters);
        foreach ((string pattern, Optimizer optimizer) in _parts)
        {
            NamedVariable[] own = OfPart(optimizer, parameters);
            if (own.Length == 0)
                throw new ArgumentException($"no parameter's path fits '{pattern}'\n  the paths are "
                    + string.Join(", ", parameters.Take(20).Select(p => p.Path)) + (parameters.Count > 20 ? ", …" : ""));
            optimizer.Prepare(own);
        }
    }

    internal override void PrepareApart(IReadOnlyList<NamedVariable> parameters, IEnumerable<IEnumerable<Variable>> parts)
    {
        Find(parameters);
        Variable[][] all = [.. parts.Select(part => part.ToArray())];
        foreach ((_, Optimizer optimizer) in _parts)
            optimizer.PrepareApart(OfPart(optimizer, parameters), all.Select(part => part.Where(v => OwnerOf(v) == optimizer)));
    }

    internal override IEnumerable<NamedVariable> Variables(IReadOnlyList<NamedVariable> parameters)
    {
        Find(parameters);
        return [.. _parts.SelectMany(part => part.Optimizer.Variables(OfPart(part.Optimizer, parameters)))];
    }

    internal override void Take(IReadOnlyList<NamedVariable> parameters, IReadOnlyDictionary<string, Tensor> values)
    {
        foreach ((_, Optimizer optimizer) in _parts) optimizer.Take(OfPart(optimizer, parameters), values);
    }

    private protected override void Update(Variable parameter, Tensor gradient, Rates rates) =>
        throw new UnreachableException("gradients go to the optimisers in it as a set");

    private NamedVariable[] OfPart(Optimizer optimizer, IEnumerable<NamedVariable> parameters) =>
        [.. parameters.Where(p => OwnerOf(p.Variable) == optimizer)];

    private void Find(IEnumerable<NamedVariable> parameters)
    {
        using Lock.Scope alone = _gate.EnterScope();
        foreach ((string path, Variable parameter) in parameters)
            _owners[parameter] = _parts.FirstOrDefault(p => PathPattern.Fits(p.Pattern, path)).Optimizer
                ?? throw new ArgumentException($"no optimiser is for the parameter {path}\n  the patterns are "
                    + string.Join(", ", _parts.Select(p => $"'{p.Pattern}'")));
    }

    private Optimizer OwnerOf(Variable parameter)
    {
        using Lock.Scope alone = _gate.EnterScope();
        return _owners.TryGetValue(parameter, out Optimizer? owner) ? owner
            : throw new InvalidOperationException("optimisers are chosen by the parameters' paths: call Prepare with the module before the first update");
    }

    private static Optimizer First(ReadOnlySpan<(string Pattern, Optimizer Optimizer)> parts)
    {
        if (parts.Length == 0) throw new ArgumentException("there are no optimisers", nameof(parts));
        if (parts[0].Optimizer.LearningRate == 0)
            throw new ArgumentException("the first optimiser's learning rate is 0: the others change in proportion to it", nameof(parts));
        return parts[0].Optimizer;
    }

    /// <inheritdoc/>
    public override string ToString() => $"MultiOptimizer({string.Join(", ", _parts.Select(p => $"'{p.Pattern}': {p.Optimizer}"))})";
}
