namespace Article.Experiments;

/// <summary>
/// Loans that people of one group were refused more often at the same merit: a network that learns from those decisions refuses them too, even if it
/// isn't told the group but the district where most of the group live.
/// </summary>
internal sealed class Bias() : Experiment("bias", "biased data give biased decisions, even where the network isn't told the group")
{
    public override void Run(Notebook book)
    {
        int count = book.IsSmall ? 5_000 : 20_000;
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach (bool isBiased in (bool[])[false, true])
        {
            string name = isBiased ? "biased" : "fair";
            (Tensor x, Tensor y, _, _) = Loans(count, book.Seed, isBiased);
            var network = new Sequential(new Linear(16), new Relu(), new Linear(2));
            Training.Fit(network, new AdamW(0.005), x, y, book.IsSmall ? 600 : 4_000, 50, book.Seed);
            // Other people, of both groups alike; their merit is known here, since the program made them.
            (Tensor people, _, int[] groups, double[] merits) = Loans(10_000, book.Seed + 1_000, false);
            float[] yes = network.Forward(people).Softmax()[.., 1..].ToArray<float>();
            double Rate(int group, double least, double most) => Enumerable.Range(0, groups.Length)
                .Where(i => groups[i] == group && merits[i] >= least && merits[i] < most).Average(i => yes[i] > 0.5f ? 1.0 : 0);
            double a = Rate(0, -0.5, 0.5), b = Rate(1, -0.5, 0.5);
            book.Say($"from {name} decisions: of people of the same middling merit {a:P0} of group A and {b:P0} of group B get a loan");
            book.Figure($"{name}A", a);
            book.Figure($"{name}B", b);
            for (int group = 0; group < 2; group++)
            {
                double[] rates = [.. Enumerable.Range(0, 13).Select(i => Rate(group, i / 4.0 - 1.75, i / 4.0 - 1.25))];
                curves.Add(($"{name} data, group {"AB"[group]}", rates));
            }
        }
        book.Say("The network never saw the group: the district stands for it. Leaving a column out is no cure.");
        book.Plot("merit", "share that gets a loan", curves, 0.25, first: -1.5);
    }

    // Income, debts, district (0 to 1, B's mostly high): all but the group. The true merit is income less debts.
    private static (Tensor Inputs, Tensor Decisions, int[] Groups, double[] Merits) Loans(int count, ulong seed, bool isBiased)
    {
        var random = new RandomStream(seed, 41);
        float[] inputs = new float[3 * count];
        int[] decisions = new int[count], groups = new int[count];
        var merits = new double[count];
        for (int i = 0; i < count; i++)
        {
            groups[i] = random.NextInt(2);
            double income = random.NextNormal(), debts = random.NextNormal();
            double district = Math.Clamp((groups[i] == 1 ? 0.75 : 0.25) + 0.15 * random.NextNormal(), 0, 1);
            merits[i] = income - debts;
            double wanted = merits[i] + 0.3 * random.NextNormal() - (isBiased && groups[i] == 1 ? 1 : 0);
            decisions[i] = wanted > 0 ? 1 : 0;
            (inputs[3 * i], inputs[3 * i + 1], inputs[3 * i + 2]) = ((float)income, (float)debts, (float)district);
        }
        return (Tensor.From(inputs, [count, 3]), Tensor.From(decisions), groups, merits);
    }
}
