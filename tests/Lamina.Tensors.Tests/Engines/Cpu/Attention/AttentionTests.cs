using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Tensors.Tests.Engines.Cpu.Attention;

/// <summary>Scores of any size, and keys that are hidden: a query or two have a kernel of their own, many have another, gradients a third, and all of them tiers.</summary>
[Collection(TierCollection.Name)]
public sealed class AttentionTests : IDisposable
{
    private static readonly float[] s_hidden = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 3e38f];

    public void Dispose() => Tiers.Force(null);

    public static IEnumerable<TheoryDataRow<Tier, DType, int>> Calls =>
        from tier in Enum.GetValues<Tier>().Where(t => t <= Tiers.Widest)
        from type in new[] { DType.Float32, DType.Float64 }
        where type == DType.Float32 || tier == Tier.Vector128
        from queries in new[] { 1, 2, 3, 8, 21, 70 }
        select new TheoryDataRow<Tier, DType, int>(tier, type, queries);

    [Theory]
    [MemberData(nameof(Calls))]
    public void WhatAMaskHidesHasNoInfluence(Tier tier, DType type, int queries)
    {
        Tiers.Force(tier);
        foreach ((int keys, int width, bool strided) in new[] { (9, 5, false), (40, 32, true), (3, 17, true) })
        {
            // A third of the keys is hidden from all queries, others from one in two.
            var seen = new bool[queries * keys];
            for (int i = 0; i < seen.Length; i++) seen[i] = i % keys % 3 != 1 && (i % keys % 3 == 0 || i / keys % 2 == 0);
            Tensor mask = AttentionOp.Added(Tensor.From(seen, [queries, keys]), type);
            Hides(Wave([2, queries, 3, width], type, 1, strided), Wave([2, keys, 3, width], type, 2, strided), Wave([2, keys, 3, width], type, 3, strided), mask, false, i => i % 3 == 1);
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void StepsToComeHaveNoInfluence(Tier tier, DType type, int steps)
    {
        Tiers.Force(tier);
        foreach (int width in new[] { 5, 32 })
            foreach (int from in new[] { steps - 1, steps / 2 })
            {
                Tensor q = Wave([2, steps, 2, width], type, 1, true), k = Wave([2, steps, 2, width], type, 2, true), v = Wave([2, steps, 2, width], type, 3, true);
                foreach (float hidden in s_hidden)
                {
                    Tensor badKeys = With(k, i => i >= from, hidden), badValues = With(v, i => i >= from, hidden);
                    Tensor expected = q.ScaledDotProductAttention(k, v, causal: true), actual = q.ScaledDotProductAttention(badKeys, badValues, causal: true);
                    SameBits(expected.Narrow(1, 0, from), actual.Narrow(1, 0, from));
                    // No gradient comes from the steps that see them.
                    Tensor by = With(Wave(q.Shape, type, 4), i => i >= from, 0);
                    Tensor[] gradients = ByKernel(q, k, v, by, null, true), same = ByKernel(q, badKeys, badValues, by, null, true);
                    for (int i = 0; i < 3; i++) SameBits(gradients[i], same[i]);
                    Tensor[] composed = Composed(q, badKeys, badValues, by, null, true);
                    for (int i = 0; i < 3; i++) Near(gradients[i], composed[i]);
                }
            }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void OneProjectionHidesAsThreeDo(Tier tier, DType type, int steps)
    {
        Tiers.Force(tier);
        // Steps at the end only fill up: they see nothing worth knowing, nobody sees them, and no gradient comes from them.
        int real = Math.Max(1, steps - 3);
        Tensor x = Wave([2, steps, 3 * 2 * 5], type, 1), mask = AttentionOp.Added(Tensor.From([.. Enumerable.Range(0, steps).Select(i => i < real)], [1, 1, 1, steps]), type);
        Tensor changed = Tensor.From([.. Enumerable.Range(0, steps).Select(i => i >= real)], [steps, 1]), by = Tensor.Where(changed, Tensor.Full([], 0, type), Wave([2, steps, 10], type, 4));
        Tensor tracked = x.Track(), expected = x.SelfAttention(2, mask), gradient = Gradient.Of(tracked.SelfAttention(2, mask), [tracked], by)[0];
        foreach (float hidden in s_hidden)
        {
            Tensor bad = Tensor.Where(changed, Tensor.Full([], hidden, type), x).Track(), y = bad.SelfAttention(2, mask);
            SameBits(expected.Narrow(1, 0, real), y.Narrow(1, 0, real));
            SameBits(gradient, Gradient.Of(y, [bad], by)[0]);
            Near(gradient, Gradient.Of(y, [bad], by, differentiable: true)[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void AQueryThatSeesNothingGivesZeros(Tier tier, DType type, int queries)
    {
        Tiers.Force(tier);
        Tensor mask = Tensor.Full([queries, 6], double.NegativeInfinity, type), nan = Tensor.Full([1, 6, 2, 5], double.NaN, type), q = Wave([1, queries, 2, 5], type, 1);
        SameBits(Tensor.ZerosLike(q), q.ScaledDotProductAttention(nan, nan, mask));
        foreach (Tensor gradient in ByKernel(q, nan, nan, Wave(q.Shape, type, 4), mask, false).Concat(Composed(q, nan, nan, Wave(q.Shape, type, 4), mask, false)))
            Near(Tensor.ZerosLike(gradient), gradient);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void WhatIsSeenIsNotHushedUp(Tier tier, DType type, int queries)
    {
        Tiers.Force(tier);
        Tensor q = Wave([1, queries, 1, 5], type, 1), k = Wave([1, 6, 1, 5], type, 2), v = Wave([1, 6, 1, 5], type, 3), nan = With(k, i => i == 4, float.NaN);
        Tensor seesAll = Tensor.Zeros([queries, 6], type);
        foreach (Tensor? mask in new[] { null, seesAll })
        {
            Assert.All(Values(q.ScaledDotProductAttention(nan, v, mask)), y => Assert.Equal(double.NaN, y));
            Assert.All(Values(q.ScaledDotProductAttention(k, nan, mask)), y => Assert.Equal(double.NaN, y));
            Assert.All(Values(q.ScaledDotProductAttention(k, With(v, i => i == 4, float.PositiveInfinity), mask)), y => Assert.Equal(double.PositiveInfinity, y));
            Assert.All(Values(ByKernel(q, nan, v, Wave(q.Shape, type, 4), mask, false)[0]), y => Assert.Equal(double.NaN, y));
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void AMaskOfHugeEqualValuesGivesTheMean(Tier tier, DType type, int queries)
    {
        Tiers.Force(tier);
        Tensor q = Wave([1, queries, 1, 4], type, 1), k = Wave([1, 8, 1, 4], type, 2), v = Tensor.From([.. Enumerable.Range(0, 32).Select(i => i / 4 + 1.0)], [1, 8, 1, 4]).Cast(type);
        foreach (double value in new[] { float.MinValue, -1e30, -1e20, 1e20, float.MaxValue })
        {
            Tensor mask = Tensor.Full([queries, 8], value, type);
            Assert.All(Values(q.ScaledDotProductAttention(k, v, mask)), y => Assert.Equal(4.5, y, 1e-6));
            // Half of them: the mean of the other half.
            Tensor half = Tensor.From([.. Enumerable.Range(0, 8).Select(i => i < 4 ? (double)float.MinValue : value < 0 ? 0 : value)], [8]).Cast(type);
            if (value > 0) Assert.All(Values(q.ScaledDotProductAttention(k, v, half)), y => Assert.Equal(6.5, y, 1e-6));
            Tensor[] gradients = ByKernel(q, k, v, Tensor.OnesLike(q), mask, false);
            Assert.All(Values(gradients[2]), y => Assert.Equal(queries / 8.0, y, 1e-5));
        }
    }

    // From about 4.5e9 on a product of the highest score with log2 e is rounded by more than 1.
    [Theory]
    [MemberData(nameof(Calls))]
    public void LargeScoresChooseTheMaximum(Tier tier, DType type, int queries)
    {
        Tiers.Force(tier);
        foreach (double score in new[] { 50, 1e4, 6e9, 7.3e12, 1e20, 3e30, 1.5e38 })
            foreach (double sign in new[] { 1, -1 })
                foreach (int masked in new[] { 0, 1 })
                {
                    // By the width of 1 and a scale of 1 the scores are the keys.
                    double[] scores = sign > 0 ? [score / 2, score, -score, 0] : [-score, -score / 2, -score, 2 * -score];
                    Tensor q = Tensor.Ones([1, queries, 1, 1], type), k = Tensor.From(scores, [1, 4, 1, 1]).Cast(type), v = Tensor.From([1.0, 2, 4, 8], [1, 4, 1, 1]).Cast(type);
                    Tensor? mask = masked > 0 ? Tensor.Zeros([4], type) : null;
                    Assert.All(Values(q.ScaledDotProductAttention(k, v, mask, scale: 1)), y => Assert.Equal(2, y, 1e-6));
                    Tensor[] gradients = ByKernel(q, k, v, Tensor.OnesLike(q), mask, false, 1);
                    Assert.Equal([0, queries, 0, 0], Values(gradients[2]).Select(x => Math.Round(x, 5)));
                    Assert.All(Values(gradients[1]), x => Assert.Equal(0, x, 1e-6));
                    // The same scores by the mask.
                    Tensor none = Tensor.ZerosLike(k);
                    Assert.All(Values(q.ScaledDotProductAttention(none, v, k.Reshape(4), scale: 1)), y => Assert.Equal(2, y, 1e-6));
                    Assert.Equal([0, queries, 0, 0], Values(ByKernel(q, none, v, Tensor.OnesLike(q), k.Reshape(4), false, 1)[2]).Select(x => Math.Round(x, 5)));
                }
    }

    private static void Hides(Tensor q, Tensor k, Tensor v, Tensor mask, bool causal, Func<int, bool> isHidden)
    {
        Tensor by = Wave(q.Shape, q.DType, 4);
        Tensor expected = q.ScaledDotProductAttention(k, v, mask, causal);
        Tensor[] gradients = ByKernel(q, k, v, by, mask, causal);
        foreach (float hidden in s_hidden)
            foreach ((bool inKeys, bool inValues) in new[] { (true, false), (false, true), (true, true) })
            {
                Tensor keys = inKeys ? With(k, isHidden, hidden) : k, values = inValues ? With(v, isHidden, hidden) : v;
                SameBits(expected, q.ScaledDotProductAttention(keys, values, mask, causal));
                Near(expected, new ScaledDotProductAttention { Causal = causal }.Define([q, keys, values, mask])[0]);
                Tensor[] same = ByKernel(q, keys, values, by, mask, causal), composed = Composed(q, keys, values, by, mask, causal);
                for (int i = 0; i < 3; i++)
                {
                    SameBits(gradients[i], same[i]);
                    Near(gradients[i], composed[i]);
                }
            }
    }

    private static Tensor[] ByKernel(Tensor q, Tensor k, Tensor v, Tensor by, Tensor? mask, bool causal, double? scale = null) => By(q, k, v, by, mask, causal, scale, false);

    private static Tensor[] Composed(Tensor q, Tensor k, Tensor v, Tensor by, Tensor? mask, bool causal) => By(q, k, v, by, mask, causal, null, true);

    private static Tensor[] By(Tensor q, Tensor k, Tensor v, Tensor by, Tensor? mask, bool causal, double? scale, bool differentiable)
    {
        Tensor[] operands = [q.Track(), k.Track(), v.Track()];
        return Gradient.Of(operands[0].ScaledDotProductAttention(operands[1], operands[2], mask, causal, scale), operands, by, differentiable);
    }

    /// <summary>x (batch, steps, heads, width) with a value at some steps.</summary>
    private static Tensor With(Tensor x, Func<int, bool> isChanged, float value)
    {
        Tensor changed = Tensor.From([.. Enumerable.Range(0, x.Shape[1]).Select(isChanged)], [x.Shape[1], 1, 1]);
        Tensor y = Tensor.Where(changed, Tensor.Full([], value, x.DType), x);
        return x.IsCompact ? y : y.Transpose(0, 2, 1, 3).Keep().Transpose(0, 2, 1, 3);
    }

    private static Tensor Wave(Shape shape, DType type, int seed, bool strided = false)
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, shape.Count).Select(i => Math.Sin(1.7 * i * seed + seed))], shape).Cast(type);
        return strided ? x.Transpose(0, 2, 1, 3).Keep().Transpose(0, 2, 1, 3) : x;
    }

    private static double[] Values(Tensor x) => x.Cast(DType.Float64).ToArray<double>();

    private static void SameBits(Tensor expected, Tensor actual) => Assert.True(expected.Spec == actual.Spec && expected.Keep().ReadBytes().SequenceEqual(actual.Keep().ReadBytes()), "not the same bits");

    private static void Near(Tensor expected, Tensor actual)
    {
        double unit = expected.DType == DType.Float32 ? 1e-5 : 1e-13;
        double[] e = Values(expected), a = Values(actual);
        double allowed = unit * Math.Max(1, e.Max(Math.Abs));
        for (int i = 0; i < e.Length; i++)
            if (!(Math.Abs(a[i] - e[i]) <= allowed)) Assert.Fail($"{a[i]} at {i}, not {e[i]}");
    }
}
