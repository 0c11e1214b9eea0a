using Xunit;

namespace Lamina.Conformance;

using Lamina.Tensors;

/// <summary>Compares tensors; a failure names the element.</summary>
internal static class Compare
{
    /// <summary>Type, shape and every bit.</summary>
    public static void SameBits(Tensors actual, Tensors expected, string what)
    {
        Assert.True(actual.Count == expected.Count, $"{what}: {actual.Count} results, expected {expected.Count}");
        for (int i = 0; i < actual.Count; i++)
        {
            Assert.True(actual[i].Spec == expected[i].Spec, $"{what}: result {i} is {actual[i].Spec}, expected {expected[i].Spec}");
            ReadOnlySpan<byte> a = actual[i].ReadBytes(), b = expected[i].ReadBytes();
            int size = (int)(actual[i].Spec.Bytes / Math.Max(actual[i].Count, 1));
            int at = a.CommonPrefixLength(b);
            if (at < a.Length)
                Assert.Fail($"{what}: result {i} element {at / size} of {actual[i].Spec} is {actual[i].Element(at / size):R}, expected {expected[i].Element(at / size):R}");
        }
    }

    /// <summary>Shape and every element within its tolerance; NaN and infinities only match themselves.</summary>
    public static void Close(Tensor actual, Tensor expected, Func<int, double> tolerance, string what)
    {
        Assert.True(actual.Shape == expected.Shape, $"{what}: shape {actual.Shape}, expected {expected.Shape}");
        for (int i = 0; i < actual.Count; i++)
        {
            double a = actual.Element(i), e = expected.Element(i);
            if (a.Equals(e) || a == e) continue;
            double allowed = tolerance(i);
            if (!(Math.Abs(a - e) <= allowed) || !double.IsFinite(e))
                Assert.Fail($"{what}: element {i} of {actual.Spec} is {a:R}, expected {e:R}; off by {Math.Abs(a - e):G3}, allowed {allowed:G3}");
        }
    }
}
