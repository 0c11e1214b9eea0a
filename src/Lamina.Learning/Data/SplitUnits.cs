using Lamina.Tensors;

namespace Lamina.Learning.Data;

/// <summary>Splits that keep examples together: a unit is some examples that have to be in one part.</summary>
public sealed partial record Split
{
    private const ulong UnitStream = SplitStream + (1UL << 33), FoldStream = SplitStream + (1UL << 34);

    /// <summary>
    /// Units of one example each where nothing belongs together; equal numbers are one unit. Keys that are null belong to nothing.
    /// </summary>
    /// <param name="count">Number of examples.</param>
    /// <param name="keys">What examples have in common, each with a key for every example: two examples with one equal key are in one unit.</param>
    /// <returns>The unit of each example: the index of its first one.</returns>
    public static int[] Units(int count, params IReadOnlyList<IReadOnlyList<object?>> keys)
    {
        int[] parent = [.. Enumerable.Range(0, count)];
        int Root(int i)
        {
            while (parent[i] != i) i = parent[i] = parent[parent[i]];
            return i;
        }

        foreach (IReadOnlyList<object?> key in keys)
        {
            var first = new Dictionary<object, int>();
            for (int i = 0; i < count; i++)
            {
                if (key[i] is not { } value || first.TryAdd(value, i)) continue;
                (int a, int b) = (Root(first[value]), Root(i));
                parent[Math.Max(a, b)] = Math.Min(a, b);
            }
        }
        return [.. Enumerable.Range(0, count).Select(Root)];
    }

    /// <summary>Units of examples by hashes, for many examples: those with an equal hash are one unit.</summary>
    /// <param name="hashes">A hash of what each example has in common with others, such as its contents.</param>
    /// <param name="groups">A hash of a second thing, or empty.</param>
    /// <returns>The unit of each example: the index of its first one.</returns>
    public static int[] Units(ReadOnlySpan<ulong> hashes, ReadOnlySpan<ulong> groups = default)
    {
        int[] parent = [.. Enumerable.Range(0, hashes.Length)];
        Join(hashes, parent);
        if (groups.Length > 0) Join(groups, parent);
        for (int i = 0; i < parent.Length; i++) parent[i] = parent[parent[i]]; // ascending: the parent's root is known
        return parent;
    }

    private static void Join(ReadOnlySpan<ulong> keys, int[] parent)
    {
        ulong[] sorted = keys.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        for (int begin = 0, end; begin < order.Length; begin = end)
        {
            for (end = begin + 1; end < order.Length && sorted[end] == sorted[begin]; end++)
            {
                (int a, int b) = (Root(order[begin]), Root(order[end]));
                parent[Math.Max(a, b)] = Math.Min(a, b);
            }
        }

        int Root(int i)
        {
            while (parent[i] != i) i = parent[i] = parent[parent[i]];
            return i;
        }
    }

    /// <summary>
    /// Splits by classes as <see cref="Stratified"/> does, or plainly where there are no labels, whole units together. Units are counted as one
    /// example of the class of their first; where each example is a unit of its own, the parts are those of <see cref="Stratified"/> and <see cref="Plain"/>.
    /// </summary>
    /// <param name="units">The unit of each example, as <see cref="Units(ReadOnlySpan{ulong}, ReadOnlySpan{ulong})"/> gives it.</param>
    /// <param name="labels">The class of each example; empty: none.</param>
    public SplitParts Together(ReadOnlySpan<int> units, ReadOnlySpan<int> labels)
    {
        int[] of = units.ToArray(), firsts = [.. Enumerable.Range(0, of.Length).Where(i => of[i] == i)];
        int[] firstLabels = new int[labels.IsEmpty ? 0 : firsts.Length];
        for (int i = 0; i < firstLabels.Length; i++) firstLabels[i] = labels[firsts[i]];
        return Spread(of, firsts, labels.IsEmpty ? Plain(firsts.Length) : Stratified(firstLabels));
    }

    /// <summary>
    /// Splits units of very different sizes: drawn one by one, they fill the test part and the validation part up to their shares of the examples; the
    /// rest is for training. Each part that was asked for has a unit where there are enough.
    /// </summary>
    /// <param name="units">The unit of each example, as <see cref="Units(ReadOnlySpan{ulong}, ReadOnlySpan{ulong})"/> gives it.</param>
    public SplitParts Grouped(ReadOnlySpan<int> units)
    {
        Check();
        int[] of = units.ToArray();
        int[][] groups = [.. Enumerable.Range(0, of.Length).GroupBy(i => of[i]).Select(g => g.ToArray())];
        int[] order = new RandomStream((ulong)Seed, UnitStream).Permutation(groups.Length);
        int next = 0, left = groups.Length;
        var test = Fill(Test);
        var validation = Fill(Validation);
        return new([.. order[next..].SelectMany(g => groups[g]).Order()], validation, test);

        int[] Fill(double share)
        {
            var members = new List<int>();
            // One unit at least stays for training; a unit is taken while the part stays nearer to its share with it than without.
            while (share > 0 && left > 1 && (members.Count == 0 || members.Count + groups[order[next]].Length / 2.0 <= share * of.Length))
            {
                members.AddRange(groups[order[next++]]);
                left--;
            }
            members.Sort();
            return [.. members];
        }
    }

    /// <summary>Splits by time: the earliest examples are for training, those after them for validation, the latest for the test. Equal times stay
    /// together.</summary>
    /// <param name="times">The time of each example, by any numbers.</param>
    public SplitParts ByTime(ReadOnlySpan<double> times)
    {
        Check();
        double[] at = times.ToArray();
        int[] order = [.. Enumerable.Range(0, at.Length).OrderBy(i => at[i])];
        int test = Border((int)Math.Round(at.Length * (1 - Test))), validation = Border((int)Math.Round(test - at.Length * Validation));
        return new([.. order[..validation].Order()], [.. order[validation..test].Order()], [.. order[test..].Order()]);

        // The first place at or after this one where the time changes.
        int Border(int place)
        {
            place = Math.Clamp(place, 0, at.Length);
            while (place > 0 && place < at.Length && at[order[place]] == at[order[place - 1]]) place++;
            return place;
        }
    }

    /// <summary>
    /// One split of a cross-validation: the fold's units are the test part, and of the others <see cref="Validation"/> is kept for validation. Every
    /// example is in the test part of exactly one fold.
    /// </summary>
    /// <param name="folds">The number of folds, from 2.</param>
    /// <param name="fold">Which one, from 0.</param>
    /// <param name="units">The unit of each example, as <see cref="Units(ReadOnlySpan{ulong}, ReadOnlySpan{ulong})"/> gives it.</param>
    /// <param name="labels">The class of each example, so that folds have the classes in the same proportions; empty: none.</param>
    public SplitParts Fold(int folds, int fold, ReadOnlySpan<int> units, ReadOnlySpan<int> labels)
    {
        Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if ((uint)fold >= (uint)folds) throw new ArgumentOutOfRangeException(nameof(fold), $"there is no fold {fold}: there are {folds}, from 0");
        int[] of = units.ToArray(), classes = labels.IsEmpty ? new int[of.Length] : labels.ToArray();
        var sides = new int[of.Length];
        int dealt = 0;
        // Class by class, dealt out like cards, on from where the class before ended.
        foreach (IGrouping<int, int> members in Enumerable.Range(0, of.Length).Where(i => of[i] == i).GroupBy(i => classes[i]).OrderBy(g => g.Key))
        {
            int[] order = [.. members];
            new RandomStream((ulong)Seed, FoldStream + (uint)members.Key).Shuffle(order.AsSpan());
            foreach (int unit in order) sides[unit] = dealt++ % folds;
        }
        int[] test = [.. Enumerable.Range(0, of.Length).Where(i => sides[of[i]] == fold)],
            rest = [.. Enumerable.Range(0, of.Length).Where(i => sides[of[i]] != fold)];
        var place = new Dictionary<int, int>();
        for (int i = 0; i < rest.Length; i++) place[rest[i]] = i;
        SplitParts inner = (this with { Test = 0 }).Together([.. rest.Select(i => place[of[i]])], labels.IsEmpty ? [] : [.. rest.Select(i => classes[i])]);
        return new([.. inner.Training.Select(i => rest[i])], [.. inner.Validation.Select(i => rest[i])], test);
    }

    private static SplitParts Spread(int[] units, int[] firsts, SplitParts parts)
    {
        var side = new byte[units.Length];
        foreach ((int[] part, byte number) in (IEnumerable<(int[], byte)>)[(parts.Training, 0), (parts.Validation, 1), (parts.Test, 2)])
            foreach (int i in part) side[firsts[i]] = number;
        int[] Of(int number) => [.. Enumerable.Range(0, units.Length).Where(i => side[units[i]] == number)];
        return new(Of(0), Of(1), Of(2));
    }
}
