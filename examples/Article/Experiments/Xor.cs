namespace Article.Experiments;

/// <summary>One neuron draws one straight line. AND lies on two sides of a line, XOR doesn't (Minsky and Papert, 1969).</summary>
internal sealed class Xor() : Experiment("xor", "one neuron learns AND but can't learn XOR; with a hidden layer the network can")
{
    public override void Run(Notebook book)
    {
        Tensor inputs = Tensor.From(new float[,] { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } });
        Tensor and = Tensor.From(new float[,] { { 0 }, { 0 }, { 0 }, { 1 } }), xor = Tensor.From(new float[,] { { 0 }, { 1 }, { 1 }, { 0 } });
        var curves = new List<(string, IReadOnlyList<double>)>();

        void Try(string name, Layer network, Tensor targets)
        {
            double[] losses = Training.Repeat(network, new BinaryCrossEntropy(), new Adam(0.05), inputs, targets, 600, book.Seed);
            curves.Add((name, losses));
            float[] said = network.Forward(inputs).Sigmoid().ToArray<float>(), wanted = targets.ToArray<float>();
            book.Say($"{name}: {string.Join(", ", said.Select(p => p.ToString("F2")))} for {string.Join(", ", wanted)}");
            book.Figure($"{name}Right", said.Zip(wanted, (p, t) => p > 0.5f == t > 0.5f ? 1 : 0).Average());
            book.Figure($"{name}Loss", losses[^1]);
        }

        Try("oneNeuronAnd", new Linear(1), and);
        Try("oneNeuronXor", new Linear(1), xor);
        Try("hiddenLayerXor", new Sequential(new Linear(8), new Tanh(), new Linear(1)), xor);
        book.Say("One neuron gets three of four at best, whatever its weights: no straight line has both ones of XOR on one side.");
        book.Plot("step", "loss", curves);
    }
}
