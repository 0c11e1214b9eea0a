using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Lamina.Tensors.Gradients;

namespace Lamina.Learning.Optimizers;

/// <summary>
/// Changes parameters by their gradients. What it remembers (momentum, steps) are variables, so that it works inside a
/// recorded plan, in place, and is saved and restored with the network.
/// </summary>
public abstract class Optimizer
{
    private readonly string[] _moments;
    private readonly Dictionary<Variable, Dictionary<string, Variable>> _state = [];
    private readonly Dictionary<Variable, Variable> _steps = [];
    private readonly Dictionary<Variable, ParameterGroup> _groups = [];
    // Several threads may train networks of their own with one optimiser.
    private readonly Lock _gate = new();

    /// <summary>An optimiser that remembers these tensors for each parameter, zeros at first.</summary>
    private protected Optimizer(double learningRate, params string[] moments)
    {
        LearningRate = learningRate >= 0 && double.IsFinite(learningRate) ? learningRate
            : throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "the learning rate is a number above 0, such as 0.001");
        _moments = moments;
    }

    /// <summary>The learning rate where none is given: how far a step goes. A schedule multiplies it.</summary>
    public double LearningRate { get; }

    /// <summary>
    /// Parameters that are treated apart, by their paths; the first group whose pattern fits a path holds. Where no group says otherwise,
    /// weight decay is for weights of two axes and more: biases and the scales of norms, with one, are left alone.
    /// </summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    /// <summary>Finds each parameter's group by its path, and allocates the state.</summary>
    /// <exception cref="ArgumentException">A group's pattern fits no parameter.</exception>
    public void Prepare(Module module) => Prepare(ParametersOf(module));

    /// <summary>The same of named parameters.</summary>
    internal virtual void Prepare(IReadOnlyList<NamedVariable> parameters)
    {
        foreach (ParameterGroup group in Groups)
            if (!parameters.Any(p => group.Fits(p.Path)))
                throw new ArgumentException($"no parameter's path fits the group '{group.Pattern}'\n  the paths are {string.Join(", ", parameters.Take(20).Select(p => p.Path))}{(parameters.Count > 20 ? ", …" : "")}");
        Find(parameters);
        Prepare(parameters.Select(p => p.Variable).Where(v => v.IsTrainable));
    }

    /// <summary>Allocates the state of several parts of a module's parameters, each of which counts its steps apart from the others.</summary>
    internal void PrepareApart(Module module, IEnumerable<IEnumerable<Variable>> parts) => PrepareApart(ParametersOf(module), parts);

    /// <summary>The same of named parameters.</summary>
    internal virtual void PrepareApart(IReadOnlyList<NamedVariable> parameters, IEnumerable<IEnumerable<Variable>> parts)
    {
        Find(parameters);
        foreach (IEnumerable<Variable> part in parts) Prepare(part);
    }

    // What depends on the parameters' paths.
    private void Find(IEnumerable<NamedVariable> parameters)
    {
        using Lock.Scope alone = _gate.EnterScope();
        foreach ((string path, Variable parameter) in parameters)
        {
            if (Groups.FirstOrDefault(g => g.Fits(path)) is { } group) _groups[parameter] = group;
            Name(parameter, path);
        }
    }

    /// <summary>Allocates the state of these parameters; <see cref="Update(GradientSet, Tensor)"/> does it where it wasn't done.</summary>
    public virtual void Prepare(IEnumerable<Variable> parameters)
    {
        // Not recorded: the zeros are there before the plan is run.
        using Tracer.Scope now = Tracer.Suspend();
        using Lock.Scope alone = _gate.EnterScope();
        Variable? step = null;
        foreach (Variable parameter in parameters)
        {
            if (_steps.ContainsKey(parameter)) continue;
            // Those that begin together count their steps together.
            _steps[parameter] = step ??= new Variable(Tensor.Of(0L));
            _state[parameter] = StateOf(parameter).ToDictionary(s => s.Name, s => new Variable(Tensor.Zeros(s.Spec.Shape, s.Spec.DType)));
        }
    }

    /// <summary>One step for every parameter that there is a gradient of, at the optimiser's own rate.</summary>
    public void Update(GradientSet gradients) => Update(gradients, Tensor.Of((float)LearningRate));

    /// <summary>One step for every parameter that there is a gradient of.</summary>
    /// <param name="gradients">The gradients of the loss.</param>
    /// <param name="learningRate">The rate, a float32 scalar, which may be an input of a plan.</param>
    /// <exception cref="TensorException">The rate is no float32 scalar.</exception>
    public virtual void Update(GradientSet gradients, Tensor learningRate)
    {
        CheckRate(learningRate);
        using Gradient.PauseScope pause = Gradient.Pause();
        using Lock.Scope alone = _gate.EnterScope();
        Prepare(gradients.Variables);
        foreach (IGrouping<Variable, Variable> together in gradients.Variables.GroupBy(parameter => _steps[parameter]))
        {
            Variable count = together.Key;
            Tensor step = count.Value + Tensor.Of(1L);
            count.Value = step;
            foreach (IGrouping<double, Variable> alike in together.GroupBy(RateFactor))
            {
                // In double precision: what is multiplied to the step's power would lose its last digits in single.
                Tensor rate = learningRate.Cast(DType.Float64);
                Rates rates = At(alike.Key == 1 ? rate : rate * alike.Key, step.Cast(DType.Float64));
                foreach (Variable parameter in alike)
                {
                    if (Tracer.Current is { } tracer) tracer.Origin = new(parameter, Phase.Update);
                    Update(parameter, gradients[parameter], RatesInDouble ? rates : rates.As(gradients[parameter].DType));
                }
            }
        }
    }

    private protected static void CheckRate(Tensor learningRate)
    {
        if (learningRate.Spec != new Spec(DType.Float32,
            Shape.Scalar)) throw new TensorException($"the learning rate is {learningRate.Spec}, not a float32 scalar", "Tensor.Of(0.001f)");
    }

    /// <summary>
    /// What a checkpoint holds of the optimiser: for each parameter of the module its steps and moments, named by its path as
    /// in <c>hidden.1.weight/momentum</c>. Setting the variables restores it.
    /// </summary>
    public IEnumerable<NamedVariable> Variables(Module module) => Variables(ParametersOf(module));

    /// <summary>The same of named parameters.</summary>
    internal virtual IEnumerable<NamedVariable> Variables(IReadOnlyList<NamedVariable> all)
    {
        using Lock.Scope alone = _gate.EnterScope();
        // A frozen parameter that has a state is trained later.
        NamedVariable[] parameters = [.. all.Where(v => v.Variable is Parameter parameter && (!parameter.IsFrozen || _steps.ContainsKey(parameter)))];
        Find(parameters);
        Prepare(parameters.Select(p => p.Variable));
        var variables = new List<NamedVariable>();
        foreach ((string path, Variable parameter) in parameters)
        {
            variables.Add(new($"{path}/step", _steps[parameter]));
            foreach ((string name, _) in StateOf(parameter)) variables.Add(new($"{path}/{name}", _state[parameter][name]));
        }
        return variables;
    }

    /// <summary>Takes up the values that <see cref="Variables(Module)"/> had when they were saved.</summary>
    /// <exception cref="TensorException">A value is missing or has another type or shape; nothing was changed.</exception>
    public void Restore(Module module, IReadOnlyDictionary<string, Tensor> values)
    {
        NamedVariable[] variables = [.. Variables(module)];
        foreach ((string path, Variable variable) in variables)
        {
            if (!values.TryGetValue(path, out Tensor? value)) throw new TensorException($"{this}: there is no saved value '{path}'",
                "the checkpoint of a run with this network and this optimiser");
            if (value.Spec != variable.Spec) throw new TensorException($"{this}: the saved '{path}' is {value.Spec}, not {variable.Spec}",
                "the checkpoint of a run with this network and this optimiser");
        }
        Take(ParametersOf(module), values);
    }

    // Values that are known to fit.
    internal virtual void Take(IReadOnlyList<NamedVariable> parameters, IReadOnlyDictionary<string, Tensor> values)
    {
        using Lock.Scope alone = _gate.EnterScope();
        // Parameters that began at other steps count apart.
        var counts = new Dictionary<double, Variable>();
        foreach ((string path, Variable parameter) in parameters)
        {
            if (!values.TryGetValue($"{path}/step", out Tensor? step) || !_steps.ContainsKey(parameter)) continue;
            if (!counts.TryGetValue(step.Item(), out Variable? count)) counts[step.Item()] = count = new Variable(step.Keep());
            _steps[parameter] = count;
            foreach ((string name, _) in StateOf(parameter)) _state[parameter][name].Value = values[$"{path}/{name}"];
        }
    }

    private static NamedVariable[] ParametersOf(Module module) => [.. module.Variables.Where(v => v.Variable is Parameter)];

    /// <summary>What is the same for all parameters in this step, from the rate and the number of the step, from 1; both are float64 scalars.</summary>
    private protected virtual Rates At(Tensor learningRate, Tensor step) => new(learningRate, learningRate, learningRate);

    /// <summary>The state kept for a parameter, zeros at first: the moments, where nothing else is said, each like the parameter.</summary>
    private protected virtual IEnumerable<(string Name, Spec Spec)> StateOf(Variable parameter) => _moments.Select(name => (name, parameter.Spec));

    /// <summary>Takes note of a parameter's path, before its state is allocated; only called where a module was given.</summary>
    private protected virtual void Name(Variable parameter, string path) { }

    /// <summary>Whether an update gets its rates as float64, and not as the gradient's type.</summary>
    private protected virtual bool RatesInDouble => false;

    /// <summary>Changes one parameter.</summary>
    private protected abstract void Update(Variable parameter, Tensor gradient, Rates rates);

    /// <summary>
    /// What is added to the root of a mean square. An epsilon so small that squares of gradients near it vanish counts as the
    /// smallest that doesn't: then a gradient of 0, or one whose square is 0, gives a small step and not 0 / 0 or ∞. Gradients
    /// that are well above it don't notice.
    /// </summary>
    internal static double Epsilon(double epsilon, DType type) => Math.Max(epsilon, type == DType.Float64 ? 1e-150 : 1e-20);

    /// <summary>The weight decay of a parameter: its group's, or the optimiser's where it is a weight.</summary>
    private protected double DecayOf(Variable parameter, double decay) =>
        _groups.TryGetValue(parameter, out ParameterGroup? group) && group.WeightDecay is { } own ? own
        : parameter is Parameter { KnownShape.Rank: < 2 } ? 0 : decay;

    private double RateFactor(Variable parameter) => _groups.TryGetValue(parameter, out ParameterGroup? group) ? group.RateFactor : 1;

    /// <summary>The state of a parameter under a name.</summary>
    internal Variable State(Variable parameter, string name) => _state[parameter][name];

    /// <inheritdoc/>
    public override string ToString() => $"{GetType().Name}({LearningRate})";
}

/// <summary>Scalars of a step: the learning rate, and two numbers that an optimiser works out from it and the step.</summary>
internal readonly record struct Rates(Tensor LearningRate, Tensor First, Tensor Second)
{
    public Rates As(DType type) => new(LearningRate.Cast(type), First.Cast(type), Second.Cast(type));
}
