using System.Collections;

namespace Lamina.Tasks;

/// <summary>What kind of number a figure is: how it is shown, and which way is better.</summary>
public enum FigureKind
{
    /// <summary>A share from 0 to 1, shown as percent; a higher one is better.</summary>
    Share,
    /// <summary>A number of any size; a higher one is better.</summary>
    Score,
    /// <summary>An error, in the unit of what is predicted or of the loss; a lower one is better.</summary>
    Error,
}

/// <summary>A range of numbers that holds the true value with 95 % confidence.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct Interval(double Low, double High);

/// <summary>A measured number.</summary>
/// <param name="Value">The number; NaN where it isn't defined.</param>
/// <param name="Kind">How it is shown, and which way is better.</param>
/// <param name="Interval">Where the true value lies with 95 % confidence; null where that wasn't computed.</param>
public readonly record struct Figure(double Value, FigureKind Kind, Interval? Interval = null)
{
    /// <summary>Whether a higher value is better.</summary>
    public bool HigherIsBetter => Kind != FigureKind.Error;

    /// <summary>
    /// The kind of a figure by its name, for figures of runs that are only known by name and value. <c>accuracy</c>, <c>balancedAccuracy</c>,
    /// <c>asAsked</c>, <c>precision</c>, <c>recall</c>, <c>coverage</c> and <c>flagged</c> are shares; <c>f1</c>, <c>auc</c>, <c>prAuc</c>,
    /// <c>bleu</c>, <c>diversity</c>, <c>novelty</c> and <c>r2</c>, also of one of several numbers
    /// (<c>r2.NAME</c>), are scores; all others are errors.
    /// </summary>
    public static FigureKind KindOf(string name) => name switch
    {
        "f1" or "auc" or "prAuc" or "r2" or "bleu" or "diversity" or "novelty" => FigureKind.Score,
        "asAsked" or "precision" or "recall" or "exactMatch" or "coverage" or "flagged" => FigureKind.Share,
        _ => name.StartsWith("r2.", StringComparison.Ordinal) ? FigureKind.Score
            : name.Contains("accuracy", StringComparison.OrdinalIgnoreCase) ? FigureKind.Share : FigureKind.Error,
    };
}

/// <summary>Figures by name, in the order in which they are shown: the first is the one that runs are compared by.</summary>
public sealed class Figures : IReadOnlyList<KeyValuePair<string, Figure>>
{
    private readonly List<KeyValuePair<string, Figure>> _figures;

    /// <summary>Figures by name.</summary>
    /// <exception cref="ArgumentException">Two have one name.</exception>
    public Figures(params IEnumerable<(string Name, Figure Figure)> figures)
    {
        _figures = [.. figures.Select(f => KeyValuePair.Create(f.Name, f.Figure))];
        if (_figures.DistinctBy(f => f.Key).Count() < _figures.Count)
            throw new ArgumentException($"two figures have one name: {string.Join(", ", _figures.Select(f => f.Key))}", nameof(figures));
    }

    /// <summary>A share and a loss, as classifiers are measured.</summary>
    public static Figures OfClasses(double accuracy, double loss) =>
        new(("accuracy", new Figure(accuracy, FigureKind.Share)), ("loss", new Figure(loss, FigureKind.Error)));

    /// <inheritdoc/>
    public int Count => _figures.Count;

    /// <inheritdoc/>
    public KeyValuePair<string, Figure> this[int index] => _figures[index];

    /// <summary>The value of a figure.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    public double this[string name] =>
        Find(name)?.Value ?? throw new KeyNotFoundException($"there is no figure '{name}', only {string.Join(", ", _figures.Select(f => f.Key))}");

    /// <summary>The figure of a name, or null.</summary>
    public Figure? Find(string name)
    {
        foreach ((string key, Figure figure) in _figures)
            if (key == name) return figure;
        return null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Figure>> GetEnumerator() => _figures.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(", ", _figures.Select(f => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{f.Key} {f.Value.Value:G6}")));
}
