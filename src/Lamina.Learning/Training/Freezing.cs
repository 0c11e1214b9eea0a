using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Learning.Optimizers;
using Lamina.Tensors;

namespace Lamina.Learning.Training;

/// <summary>
/// Which layers of a network training leaves as they are, and when it takes them up again, for a network that begins with the weights of another:
/// what its first layers see is mostly of use, and a few examples would spoil it. A layer counts with its norm. Dropout drops in frozen layers
/// too; a
/// <see cref="Layers.BatchNorm"/> that is frozen takes its running statistics, and leaves them.
/// </summary>
public sealed record Freezing
{
    /// <summary>Number of first layers that are frozen; null: as <see cref="Patterns"/> says, or all but the head.</summary>
    public int? First { get; init; }

    /// <summary>
    /// Patterns of the paths of layers or parameters that are frozen, where a star stands for any characters: <c>stages.*</c>; null: as <see
    /// cref="First"/> says.
    /// </summary>
    public IReadOnlyList<string>? Patterns { get; init; }

    /// <summary>
    /// Number of epochs after which the last frozen layer is trained too, again and again until all are (gradual unfreezing, Howard and Ruder,
    /// 2018: "Universal language model fine-tuning for text classification"); null: they stay frozen.
    /// </summary>
    public int? UnfreezeEvery { get; init; }

    /// <summary>All layers but the head.</summary>
    public static Freezing AllButHead { get; } = new();

    /// <summary>
    /// The head of a network: the layers of the part, a module of the network itself, that its last layer is in; the last layer alone where all
    /// are in one part.
    /// </summary>
    /// <param name="model">The network, its shapes known.</param>
    public static IReadOnlyList<FrozenLayer> HeadOf(Module model)
    {
        IReadOnlyList<FrozenLayer> all = LayersOf(model);
        if (all.Count < 2) return all;
        string part = all[^1].Path.Split('.')[0];
        FrozenLayer[] last = [.. all.Reverse().TakeWhile(l => l.Path.Split('.')[0] == part).Reverse()];
        return last.Length < all.Count ? last : [all[^1]];
    }

    /// <summary>The layers of a network in the order of their definition: the paths of each one's parameters.</summary>
    /// <param name="model">The network, its shapes known.</param>
    public static IReadOnlyList<FrozenLayer> LayersOf(Module model)
    {
        string[] modules = [.. model.Modules.Select(m => m.Path)];
        var layers = new List<FrozenLayer>();
        foreach ((string path, Variable variable) in model.Variables)
        {
            if (variable is not Parameter parameter) continue;
            int dot = path.LastIndexOf('.');
            string owner = dot < 0 ? "" : path[..dot], name = path[(dot + 1)..];
            bool hasModules = modules.Any(m => m.Length > owner.Length
                && (owner.Length == 0 || m.StartsWith(owner + ".", StringComparison.Ordinal)));
            bool isSame = layers.Count > 0 && layers[^1].Path == (hasModules ? path : owner);
            // Biases and the scales of norms belong to the layer before them.
            bool isSmall = parameter.KnownShape is { Rank: < 2 } || name.EndsWith("bias", StringComparison.OrdinalIgnoreCase);
            if (layers.Count == 0 || !isSame && !isSmall) layers.Add(new(hasModules ? path : owner, [parameter], [path]));
            else layers[^1] = layers[^1] with { Parameters = [.. layers[^1].Parameters, parameter], Paths = [.. layers[^1].Paths, path] };
        }
        return layers;
    }

    /// <summary>The layers that are frozen at first, in their order.</summary>
    /// <exception cref="ArgumentException">Nothing would be left to train, or a pattern fits no layer.</exception>
    public IReadOnlyList<FrozenLayer> FrozenOf(Module model)
    {
        IReadOnlyList<FrozenLayer> all = LayersOf(model);
        string names = $"\n  its layers are {string.Join(", ", all.Select(l => ModuleWalk.Display(l.Path)))}";
        foreach (string pattern in Patterns ?? [])
            if (!all.Any(l => Fits(pattern, l))) throw new ArgumentException($"no layer of {model} fits the pattern '{pattern}'{names}");
        FrozenLayer[] frozen = Patterns is not null ? [.. all.Select(l => Part(l, Patterns)).OfType<FrozenLayer>()]
            : [.. all.Take(First ?? all.Count - HeadOf(model).Count)];
        return frozen.Sum(l => l.Parameters.Count) < all.Sum(l => l.Parameters.Count) ? frozen
            : throw new ArgumentException($"{model} has {all.Count} layers, and with all of them frozen nothing is left to train{names}");
    }

    internal void Check()
    {
        if (First is { } first) ArgumentOutOfRangeException.ThrowIfLessThan(first, 1, nameof(First));
        if (UnfreezeEvery is { } every) ArgumentOutOfRangeException.ThrowIfLessThan(every, 1, nameof(UnfreezeEvery));
        if (First is not null && Patterns is not null)
            throw new ArgumentException("First and Patterns are two ways to say which layers are frozen: set one of them");
        if (Patterns is { Count: 0 }) throw new ArgumentException("there are no patterns: leave Freezing out where nothing is frozen");
    }

    // What of a layer is frozen.
    private static FrozenLayer? Part(FrozenLayer layer, IReadOnlyList<string> patterns)
    {
        int[] fitting = [.. Enumerable.Range(0, layer.Paths.Count).Where(i => patterns.Any(p => Fits(p, layer.Paths[i]) || Fits(p, layer.Path)))];
        return fitting.Length == 0 ? null : layer with { Parameters = [.. fitting.Select(i => layer.Parameters[i])],
            Paths = [.. fitting.Select(i => layer.Paths[i])] };
    }

    private static bool Fits(string pattern, FrozenLayer layer) => Fits(pattern, layer.Path) || layer.Paths.Any(path => Fits(pattern, path));

    // A path, or all within a module.
    private static bool Fits(string pattern, string path) => PathPattern.Fits(pattern, path) || PathPattern.Fits(pattern + ".*", path);
}

/// <summary>A layer that can be frozen.</summary>
/// <param name="Path">The path of its module, or of its parameter where that stands among others.</param>
/// <param name="Parameters">Its parameters, those of a norm behind it included.</param>
/// <param name="Paths">Their paths.</param>
public sealed record FrozenLayer(string Path, IReadOnlyList<Parameter> Parameters, IReadOnlyList<string> Paths);

/// <summary>Freezes the layers of a model for a training, epoch by epoch, and gives the parameters their own flags back.</summary>
internal sealed class FrozenLayers
{
    private readonly IReadOnlyList<FrozenLayer> _layers;
    private readonly IReadOnlyList<Parameter> _own;
    private readonly int? _every;
    private int _frozen = -1;

    /// <exception cref="ArgumentException">Nothing would be left to train, or a pattern fits no layer.</exception>
    public FrozenLayers(Objective objective, Optimizer optimizer, Freezing freezing)
    {
        Module model = objective.Model;
        _layers = freezing.FrozenOf(model);
        _every = freezing.UnfreezeEvery;
        _own = [.. _layers.SelectMany(l => l.Parameters).Where(p => p.IsFrozen)];
        if (_every is null) return;
        // Each counts its steps from when it is trained, so their state is allocated apart, the rest's first; a checkpoint holds it from the
        // beginning.
        HashSet<Parameter> later = [.. _layers.SelectMany(l => l.Parameters)];
        OptimizerState.Prepare(objective, optimizer, [model.Parameters.Where(p => !later.Contains(p)),
            .. _layers.Select(l => l.Parameters.Where(p => !p.IsFrozen))]);
    }

    /// <summary>Freezes what is frozen in an epoch, counted from 0.</summary>
    /// <returns>Whether that is less, or more, than before.</returns>
    public bool Enter(int epoch)
    {
        int frozen = _every is { } every ? Math.Max(0, _layers.Count - epoch / every) : _layers.Count;
        for (int i = 0; i < _layers.Count; i++)
            foreach (Parameter parameter in _layers[i].Parameters)
                if (!_own.Contains(parameter)) parameter.IsFrozen = i < frozen;
        (int before, _frozen) = (_frozen, frozen);
        return before != frozen;
    }

    /// <summary>What is frozen now, and what was set free last.</summary>
    public LayersFrozen Event(int epoch) => new(epoch + 1, [.. _layers.Take(_frozen).Select(l => ModuleWalk.Display(l.Path))],
        _frozen < _layers.Count ? ModuleWalk.Display(_layers[_frozen].Path) : null);

    /// <summary>Gives the parameters their own flags back.</summary>
    public void Leave()
    {
        foreach (FrozenLayer layer in _layers)
            foreach (Parameter parameter in layer.Parameters) parameter.IsFrozen = _own.Contains(parameter);
        _frozen = -1;
    }
}
