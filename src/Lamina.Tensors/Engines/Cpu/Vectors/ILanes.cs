namespace Lamina.Tensors.Engines.Cpu.Vectors;

/// <summary>
/// A vector register as kernels see it: <c>F512</c>, <c>F256</c> and <c>F128</c> hold float32, <c>D64</c> one float64.
/// A kernel is written once over <typeparamref name="V"/> and the JIT specialises it per tier. Constants come from
/// <see cref="Of"/>; comparisons give masks for <see cref="Select"/>; a reduction returns its result in every lane, so
/// that no kernel needs the scalar type. A tail is loaded and stored by parts and computed in the same instructions as
/// whole vectors, so an element's bits don't depend on where in a row it stands.
/// </summary>
internal unsafe interface ILanes<V> where V : struct, ILanes<V>
{
    /// <summary>Elements in a register.</summary>
    static abstract int Count { get; }

    /// <summary>Bytes of one element.</summary>
    static abstract int Size { get; }

    static abstract V Of(double value);
    static abstract V Load(void* from);
    /// <summary>Loads the first <paramref name="count"/> &lt; Count elements, zeros behind them.</summary>
    static abstract V LoadPart(void* from, int count);
    /// <summary>One element in every lane.</summary>
    static abstract V LoadOne(void* from);
    static abstract void Store(V value, void* to);
    /// <summary>Stores past the caches, at a multiple of the register's size.</summary>
    static abstract void StoreStream(V value, void* to);
    static abstract void StorePart(V value, void* to, int count);

    static abstract V operator +(V a, V b);
    static abstract V operator -(V a, V b);
    static abstract V operator *(V a, V b);
    static abstract V operator /(V a, V b);
    static abstract V operator -(V a);
    /// <summary>a · b + c, rounded once.</summary>
    static abstract V Fma(V a, V b, V c);
    /// <summary>
    /// The same with one number in memory for a: it becomes an operand of the instruction, where a value of its own would cost a load and a move.
    /// </summary>
    static abstract V FmaOne(void* a, V b, V c);
    static abstract V Sqrt(V a);
    static abstract V Abs(V a);
    static abstract V Floor(V a);
    /// <summary>IEEE 754 maximum: NaN where either is NaN.</summary>
    static abstract V Max(V a, V b);
    static abstract V Min(V a, V b);
    /// <summary>The greater of two numbers, in one instruction; of NaN and a number, either.</summary>
    static abstract V Greater(V a, V b);

    static abstract V Equal(V a, V b);
    static abstract V Less(V a, V b);
    static abstract V LessOrEqual(V a, V b);
    static abstract V Select(V mask, V then, V otherwise);
    static abstract V And(V a, V b);
    static abstract V Or(V a, V b);
    static abstract V Not(V a);

    /// <summary>True where any lane of a mask is set.</summary>
    static abstract bool Any(V mask);
    /// <summary>a brought into [low, high]; NaN stays NaN.</summary>
    static abstract V Clamp(V a, V low, V high);
    /// <summary>The nearest integer, ties to even.</summary>
    static abstract V Round(V a);
    /// <summary>a · 2ⁿ for an integer n, |n| ≤ 252, rounded once (into the denormals, where it gets there).</summary>
    static abstract V ScaleByPowerOfTwo(V a, V n);
    /// <summary>a = m · 2ᵉ with m in [√½, √2): gives m, for a positive, finite and normal.</summary>
    static abstract V SplitExponent(V a, out V exponent);

    static abstract V Exp(V a);
    static abstract V Log(V a);
    static abstract V Tanh(V a);
    static abstract V Sigmoid(V a);
    static abstract V Erf(V a);
    static abstract V Sin(V a);
    static abstract V Cos(V a);
    /// <summary>a to the power b, with the special cases of C's <c>pow</c>.</summary>
    static abstract V Pow(V a, V b);

    /// <summary>The sum of the lanes, in every lane; the order of the additions is fixed.</summary>
    static abstract V SumLanes(V a);
    static abstract V MaxLanes(V a);
    static abstract V MinLanes(V a);
}
