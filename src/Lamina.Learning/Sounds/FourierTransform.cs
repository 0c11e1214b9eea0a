namespace Lamina.Learning.Sounds;

/// <summary>
/// The discrete Fourier transform of real numbers, X[k] = Σ x[n] · exp(−2πi·k·n / N), for N a power of two (Cooley and Tukey, 1965). N real
/// numbers are taken for N/2 complex ones, whose transform is then taken apart.
/// </summary>
internal sealed class FourierTransform
{
    private readonly float[] _cos, _sin;
    private readonly int[] _order;
    private readonly int _half;

    /// <param name="length">N, a power of two from 4.</param>
    public FourierTransform(int length)
    {
        if (length < 4 || (length & length - 1) != 0) throw new ArgumentOutOfRangeException(nameof(length), length,
            "the length is a power of two from 4");
        Length = length;
        _half = length / 2;
        // exp(−2πi·k / N)
        _cos = [.. Enumerable.Range(0, _half).Select(k => (float)Math.Cos(2 * Math.PI * k / length))];
        _sin = [.. Enumerable.Range(0, _half).Select(k => (float)-Math.Sin(2 * Math.PI * k / length))];
        _order = new int[_half];
        for (int i = 1, bits = _half / 2; i < _half; i++) _order[i] = _order[i >> 1] >> 1 | ((i & 1) != 0 ? bits : 0);
    }

    /// <summary>N.</summary>
    public int Length { get; }

    /// <summary>|X[k]|² for k from 0 to N/2.</summary>
    /// <param name="x">N numbers.</param>
    /// <param name="scratch">N numbers of working memory.</param>
    /// <param name="power">Takes N/2 + 1 numbers.</param>
    public void Power(ReadOnlySpan<float> x, Span<float> scratch, Span<float> power)
    {
        Span<float> re = scratch[.._half], im = scratch.Slice(_half, _half);
        for (int i = 0; i < _half; i++) (re[i], im[i]) = (x[2 * _order[i]], x[2 * _order[i] + 1]);
        for (int size = 1; size < _half; size *= 2)
        {
            int step = Length / (2 * size); // in twiddles of N: those of 2 · size
            for (int start = 0; start < _half; start += 2 * size)
                for (int k = 0, at = 0; k < size; k++, at += step)
                {
                    int a = start + k, b = a + size;
                    float x0 = re[b] * _cos[at] - im[b] * _sin[at], y0 = re[b] * _sin[at] + im[b] * _cos[at];
                    (re[b], im[b]) = (re[a] - x0, im[a] - y0);
                    (re[a], im[a]) = (re[a] + x0, im[a] + y0);
                }
        }
        power[0] = (re[0] + im[0]) * (re[0] + im[0]);
        power[_half] = (re[0] - im[0]) * (re[0] - im[0]);
        for (int k = 1; k < _half; k++)
        {
            // Even and odd numbers' transforms: E = (Z[k] + conj Z[N/2 − k]) / 2, O = (Z[k] − conj Z[N/2 − k]) / 2i; X[k] = E + exp(−2πi·k/N) · O.
            int other = _half - k;
            float er = (re[k] + re[other]) / 2, ei = (im[k] - im[other]) / 2, or = (im[k] + im[other]) / 2, oi = (re[other] - re[k]) / 2;
            float xr = er + _cos[k] * or - _sin[k] * oi, xi = ei + _cos[k] * oi + _sin[k] * or;
            power[k] = xr * xr + xi * xi;
        }
    }
}
