using Lamina.Tensors;

namespace Lamina.Learning.Data;

/// <summary>The examples of each part of a split, by index and in ascending order. No example is in two parts.</summary>
/// <param name="Training">What the network learns from.</param>
/// <param name="Validation">What decides when to stop and which weights are kept.</param>
/// <param name="Test">What is looked at once, at the end.</param>
public sealed record SplitParts(int[] Training, int[] Validation, int[] Test);

/// <summary>Options for splitting a data set into training, validation and test; the same options give the same parts.</summary>
public sealed partial record Split
{
    // Streams of the seed, far from those that others number from 0.
    private const ulong SplitStream = 2UL << 40;

    /// <summary>The part kept for validation, 0 to 1.</summary>
    public double Validation { get; init; } = 0.1;

    /// <summary>The part kept for testing, 0 to 1; what neither takes is for training.</summary>
    public double Test { get; init; }

    /// <summary>The key of the draw.</summary>
    public long Seed { get; init; }

    /// <summary>Splits without regard to classes. A part of more than nothing gets at least one example where there are enough.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A fraction is negative, or the two leave nothing for training.</exception>
    public SplitParts Plain(int count)
    {
        Check();
        var sides = new Side[count];
        double carryValidation = 0, carryTest = 0;
        Assign(new RandomStream((ulong)Seed, SplitStream).Permutation(count), sides, ref carryValidation, ref carryTest);
        return Gather(sides);
    }

    /// <summary>
    /// Splits each class by itself, so that every part has the classes in the same proportions: to one example each, and
    /// over all classes together as exactly as they allow. A class of two examples or more is in training and in one other
    /// part, one of three or more in all parts that were asked for; a single example is for training. Adding a class leaves
    /// the draw of the others as it was.
    /// </summary>
    /// <param name="labels">The class of each example, by any numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A fraction is negative, or the two leave nothing for training.</exception>
    public SplitParts Stratified(ReadOnlySpan<int> labels)
    {
        Check();
        var classes = new SortedDictionary<int, List<int>>();
        for (int i = 0; i < labels.Length; i++)
        {
            if (!classes.TryGetValue(labels[i], out List<int>? members)) classes.Add(labels[i], members = []);
            members.Add(i);
        }
        var sides = new Side[labels.Length];
        double carryValidation = 0, carryTest = 0;
        foreach ((int label, List<int> members) in classes)
        {
            int[] order = [.. members];
            new RandomStream((ulong)Seed, SplitStream + 1 + (uint)label).Shuffle(order.AsSpan());
            Assign(order, sides, ref carryValidation, ref carryTest);
        }
        return Gather(sides);
    }

    private enum Side : byte { Training, Validation, Test }

    private void Assign(int[] order, Side[] sides, ref double carryValidation, ref double carryTest)
    {
        int spare = order.Length - 1;
        int validation = Portion(order.Length, Validation, Math.Max(spare, 0), ref carryValidation);
        // Validation leaves room for a test example where there are three.
        if (Test > 0 && spare >= 2) validation = Math.Min(validation, spare - 1);
        int test = Portion(order.Length, Test, Math.Max(spare - validation, 0), ref carryTest);
        for (int i = 0; i < validation + test; i++) sides[order[i]] = i < validation ? Side.Validation : Side.Test;
    }

    /// <summary>How many of <paramref name="count"/> examples a part gets: what rounding took or gave is made good by the next class.</summary>
    private static int Portion(int count, double fraction, int most, ref double carry)
    {
        if (fraction == 0) return 0;
        double wanted = count * fraction + carry;
        int given = Math.Clamp((int)Math.Round(wanted, MidpointRounding.AwayFromZero), Math.Min(1, most), most);
        // One example that a small class had to give is not taken from the next one.
        carry = Math.Clamp(wanted - given, -0.5, 0.5);
        return given;
    }

    private static SplitParts Gather(Side[] sides)
    {
        int[] Of(Side side) => [.. Enumerable.Range(0, sides.Length).Where(i => sides[i] == side)];
        return new(Of(Side.Training), Of(Side.Validation), Of(Side.Test));
    }

    private void Check()
    {
        if (!(Validation >= 0)) throw new ArgumentOutOfRangeException(nameof(Validation), $"the validation part is {Validation}, not 0 to 1");
        if (!(Test >= 0)) throw new ArgumentOutOfRangeException(nameof(Test), $"the test part is {Test}, not 0 to 1");
        if (!(Validation + Test < 1))
            throw new ArgumentOutOfRangeException(nameof(Validation),
                $"a validation part of {Validation} and a test part of {Test} leave nothing for training");
    }
}
