namespace Lamina.Tensors.Shapes;

/// <summary>
/// A number that stands beside tensors: a whole number (from C#'s integer types) or a floating-point number (from float
/// and double), both kept exactly. Which of the two it is decides the type of a result, as in PyTorch: docs/names.md has the rule.
/// </summary>
public readonly record struct Scalar
{
    // 2⁶³, the first double that no long holds.
    private const double WholeEnd = 9223372036854775808;

    private readonly long _whole;
    private readonly double _real;

    private Scalar(long whole) => _whole = whole;

    private Scalar(double real) => (_real, IsFloat) = (real, true);

    /// <summary>Whether it came from a floating-point type, be it a whole number or not.</summary>
    public bool IsFloat { get; }

    /// <summary>The number as a double: rounded to the nearest where it is a whole number beyond 2⁵³.</summary>
    public double Value => IsFloat ? _real : _whole;

    /// <summary>The number as a float, rounded once.</summary>
    internal float Single => IsFloat ? (float)_real : _whole;

    /// <summary>A whole number.</summary>
    public static implicit operator Scalar(long value) => new(value);

    /// <summary>A floating-point number.</summary>
    public static implicit operator Scalar(double value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => IsFloat ? _real.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
        : _whole.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The number as a long, where it is whole and a long holds it.</summary>
    public bool TryWhole(out long whole)
    {
        bool isWhole = !IsFloat || Math.Floor(_real) == _real && _real is >= -WholeEnd and < WholeEnd;
        whole = !IsFloat ? _whole : isWhole ? (long)_real : 0;
        return isWhole;
    }

    /// <summary>Whether a tensor of this type holds the number: always, but for integer types, which hold whole numbers of their range only.</summary>
    internal bool Fits(DType type) => !type.IsInteger || TryWhole(out long whole) && whole >= type.Least && whole <= type.Largest;

    /// <summary>The number as one of this type is kept, so that equal numbers of one type are equal scalars.</summary>
    /// <exception cref="TensorException">An integer type doesn't hold it.</exception>
    internal Scalar In(DType type, string op)
    {
        if (!Fits(type)) throw Unfit(type, op);
        if (type.IsInteger && TryWhole(out long whole)) return whole;
        return !IsFloat && (long)(double)_whole == _whole ? (double)_whole : this;
    }

    private TensorException Unfit(DType type, string op) => !TryWhole(out _)
        ? new($"{op}: {this} is not a whole number of {type.Text}'s range", "DType.Float32, or a rounded value")
        : new($"{op}: {this} is out of the range of {type.Text}, {type.Least} to {type.Largest}",
            $"Cast(DType.{(type == DType.UInt8 && Fits(DType.Int32) ? DType.Int32 : type != DType.Int64 && Fits(DType.Int64) ? DType.Int64 : DType.Float32)}) first");
}
