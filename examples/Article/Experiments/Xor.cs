namespace Article.Experiments;

/// <summary>One neuron draws one straight line. AND lies on two sides of a line, XOR doesn't (Minsky and Papert, 1969).</summary>
internal sealed class Xor() : Experiment("xor", "one neuron learns AND but can't learn XOR; with a hidden layer the network can")
{
    public override void Run(Notebook book, bool isSmall)
    {
        Tensor inputs = Tensor.From(new float[,] { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } });
        Tensor and = Tensor.From(new float[,] { { 0 }, { 0 }, { 0 }, { 1 } }), xor = Tensor.From(new float[,] { { 0 }, { 1 }, { 1 }, { 0 } });
        var curves = new List<(string, IReadOnlyList<double>)>();
        foreach ((string name, Layer network, Tensor targets) in ((string, Layer, Tensor)[])
        [
            ("oneNeuronAnd", new Linear(1), and), ("oneNeuronXor", new Linear(1), xor),
            ("hiddenLayerXor", new Sequential(new Linear(8), new Tanh(), new Linear(1)), xor),
        ])
        {
            double[] losses = Training.Repeat(network, new BinaryCrossEntropy(), new Adam(0.05), inputs, targets, 600);
            curves.Add((name, losses));
            float[] said = network.Forward(inputs).Sigmoid().ToArray<float>(), wanted = targets.ToArray<float>();
            book.Say($"{name}: {string.Join(", ", said.Select(p => p.ToString("F2")))} for {string.Join(", ", wanted)}");
            book.Figure(name, said.Zip(wanted, (p, t) => p > 0.5f == t > 0.5f ? 1 : 0).Average());
        }
        book.Say("The one neuron gets three of four at best, whatever it learns: no line has both ones of XOR on one side.");
        book.Plot("step", "loss", curves);
    }
}
