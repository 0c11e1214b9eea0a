using System.Runtime.CompilerServices;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Training;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Runs ops as they are called and follows every NaN and infinity to the op that made it of finite values. An infinity that
/// was given, such as a mask's −∞, is nobody's fault until NaN is made of it.
/// </summary>
internal sealed class FiniteCheck : Tracer
{
    private const string Loss = "the loss", Update = "the update";

    private readonly ConditionalWeakTable<Storage, Source> _origins = [];
    private readonly Dictionary<Tensor, string> _places = new(ReferenceEqualityComparer.Instance);
    private readonly List<object> _open = []; // the modules that are computing, the innermost last
    private readonly List<(Variable Variable, Tensor Value)> _written = [];
    private string? _gradient; // whose gradient is taken; null before the first and after the last
    private bool _hasGradients;
    private string _phase = ""; // "the discriminator, " in a step of several phases
    private int _calls;

    public override Tensors Apply(Op op, Tensors inputs)
    {
        Tensors outputs;
        using (Suspend()) outputs = op.ApplyAll(inputs);
        _calls++;
        string place = _gradient ?? _phase + (_open.Count > 0 ? ModuleWalk.Place([.. Enumerable.Reverse(_open)]) : _hasGradients ? Update : Loss);
        foreach (Tensor output in outputs)
        {
            if (output.IsTracked) _places[output] = place;
            // The memory may have held another tensor before.
            if (Find(output) is { } bad) _origins.AddOrUpdate(output.Storage, Made(op, inputs, output, bad, place));
            else _origins.Remove(output.Storage);
        }
        return outputs;
    }

    public override Tensor Read(Variable variable)
    {
        using (Suspend()) return variable.Value;
    }

    public override void Write(Variable variable, Tensor value)
    {
        using (Suspend()) variable.Value = value;
        _written.Add((variable, value));
    }

    public override void Enter(object module, Tensors inputs) => _open.Add(module);

    public override void Leave(object module, Tensors outputs) => _open.RemoveAt(_open.Count - 1);

    public override void Differentiate(Op? op, Tensor result)
    {
        _hasGradients = true;
        _gradient = op is null ? null : _places.TryGetValue(result, out string? place) ? $"{place}, in the gradient of {op.Name}"
            : $"{_phase}the gradient of {op.Name}";
    }

    /// <summary>A phase of the step begins: its forward pass.</summary>
    public void BeginPhase(string name) => (_phase, _hasGradients) = ($"the {name}, ", false);

    /// <summary>
    /// Where the first value that is not finite came from: of these results, or where they are finite, of what the step wrote.
    /// </summary>
    /// <param name="results">Results of the step, the first to be looked at first.</param>
    /// <param name="paths">The names of variables.</param>
    /// <returns>Place, op, and what it was given; null where nothing is wrong.</returns>
    public string? Explain(ReadOnlySpan<Tensor> results, IReadOnlyDictionary<Variable, string> paths)
    {
        foreach (Tensor result in results)
            if (Find(result) is not null) return _origins.TryGetValue(result.Storage, out Source? origin) ? origin.Text : null;
        foreach ((Variable variable, Tensor value) in _written)
        {
            if (Find(value) is null || !_origins.TryGetValue(value.Storage, out Source? origin) || origin.IsGiven) continue; // a mask
            string path = ModuleWalk.Display(paths.GetValueOrDefault(variable, ""));
            return origin.Place.EndsWith(Update, StringComparison.Ordinal) ? $"{path}, in {Update}: {origin.What}" : origin.Text;
        }
        return null;
    }

    /// <summary>The first NaN of a float tensor, or else its first infinity; null where all is finite.</summary>
    public static Bad? Find(Tensor x)
    {
        if (!x.DType.IsFloat || new Norm().RunNow(x)[0].Item() is var norm && double.IsFinite(norm)) return null;
        int first = -1;
        for (int i = 0; i < x.Count; i++)
        {
            double value = x.Element(i);
            if (double.IsNaN(value)) return new(value, i);
            if (first < 0 && !double.IsFinite(value)) first = i;
        }
        // Finite values whose norm is beyond float64 are as good as infinite.
        return new(first < 0 ? double.PositiveInfinity : x.Element(first), Math.Max(first, 0));
    }

    private Source Made(Op op, Tensors inputs, Tensor output, Bad bad, string place)
    {
        Source? nan = null, infinite = null;
        foreach (Tensor input in inputs)
        {
            if (Find(input) is not { } given) continue;
            Source from = _origins.TryGetValue(input.Storage, out Source? known) ? known : Source.Unread;
            ref Source? earliest = ref given.IsNaN ? ref nan : ref infinite;
            if (earliest is null || from.Call < earliest.Call) earliest = from;
        }
        bool mayBeMeant = bad.Value < 0 && !_hasGradients;
        var own = new Source(_calls, place, mayBeMeant, false,
            $"{op.Name} gave {bad} at {Index(output, bad.At)} of {output.Shape}; its operands were {string.Join(" and ", inputs.Items.Select(Describe))}");
        // Who reads a NaN that was given is the first to be named.
        if (nan is not null) return nan.IsGiven ? own : nan;
        if (infinite is null) return inputs.Count == 0 ? Source.Unread : own;
        // A given infinity is passed on, with the name of who read it first.
        if (!bad.IsNaN) return infinite == Source.Unread ? own with { IsGiven = true } : infinite;
        if (infinite.IsGiven) return own;
        // NaN of an infinity that an op made. +∞ is an overflow; −∞ may have been meant, as the logarithm of a mask.
        return infinite.MayBeMeant
            ? own with { What = $"{own.What}; the infinity came from {infinite.Text}" }
            : infinite with { What = $"{infinite.What}; NaN came of it in {own.Place}: {op.Name}" };
    }

    private static string Describe(Tensor x)
    {
        if (!x.DType.IsFloat) return x.Spec.ToString();
        (double least, double most, bool hasNaN) = (double.PositiveInfinity, double.NegativeInfinity, false);
        for (int i = 0; i < x.Count; i++)
        {
            double value = x.Element(i);
            if (double.IsNaN(value)) hasNaN = true;
            else (least, most) = (Math.Min(least, value), Math.Max(most, value));
        }
        return least > most ? $"{x.Spec}{(hasNaN ? " of NaN" : "")}"
            : FormattableString.Invariant($"{x.Spec} from {least:G4} to {most:G4}{(hasNaN ? " and NaN" : "")}");
    }

    private static string Index(Tensor x, int at)
    {
        var index = new int[x.Rank];
        for (int axis = x.Rank - 1; axis >= 0; at /= x.Shape[axis--]) index[axis] = at % x.Shape[axis];
        return $"({string.Join(", ", index)})";
    }

    /// <summary>A value that is not finite, and where in row-major order.</summary>
    public readonly record struct Bad(double Value, int At)
    {
        public bool IsNaN => double.IsNaN(Value);

        public override string ToString() => IsNaN ? "NaN" : Value < 0 ? "−∞" : "an infinity";
    }

    /// <summary>The call that made a value: its number, where it stands in the network, and what it gave.</summary>
    private sealed record Source(int Call, string Place, bool MayBeMeant, bool IsGiven, string What)
    {
        /// <summary>Of a constant, an input or a variable.</summary>
        public static Source Unread { get; } = new(0, "", false, true, "");

        public string Text => $"{Place}: {What}";
    }
}
