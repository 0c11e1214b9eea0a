using Lamina.Formats;
using Lamina.Formats.Sounds;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Engines.Cpu;
using Lamina.Tensors.Gradients;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>
/// Answers with a saved network: inputs go through its preprocessing, outputs get their meaning. Any number of threads may call it at once;
/// each call has a recorded plan of its own from a pool, keeps no graph, and allocates nothing but the answer once shapes have been seen.
/// </summary>
/// <remarks>A small call stays on its caller's thread, and so does every call while others are at work; the bits are the same.</remarks>
public sealed class Predictor
{
    // Below a few hundred microseconds of work on one thread, waking others costs more than it saves.
    private const long SmallCall = 4_000_000;

    private readonly PlanPool _plans;
    private int _calls;

    /// <summary>A predictor of a network.</summary>
    /// <param name="network">The network; its weights are read as they are at each call, and must not be trained meanwhile.</param>
    /// <param name="info">What its inputs go through and its outputs mean; null: nothing is done to them.</param>
    /// <exception cref="ArgumentException">There is more information than inputs or outputs.</exception>
    public Predictor(Network network, ModelInfo? info = null)
    {
        (Network, Info) = (network, info ?? new ModelInfo());
        if (Info.Inputs.Count > network.InputNames.Count || Info.Outputs.Count > network.OutputNames.Count)
            throw new ArgumentException($"{network} has {network.InputNames.Count} inputs and {network.OutputNames.Count} outputs, and the information is of {Info.Inputs.Count} and {Info.Outputs.Count}", nameof(info));
        _plans = new(Step, network.Fingerprint);
    }

    /// <summary>Opens a file that <see cref="Model.Save"/> wrote.</summary>
    /// <exception cref="FileFormatException">As <see cref="Model.Load(string)"/>.</exception>
    public static Predictor Load(string path)
    {
        SavedNetwork saved = Model.Open(path);
        return new(saved.Network, saved.Info);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>What is known of it.</summary>
    public ModelInfo Info { get; }

    /// <summary>The most examples that are computed at once; a larger batch is answered in parts. It bounds the memory.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>The names of the classes; empty where the first output is neither <see cref="ClassLabels"/> nor <see cref="RareClass"/>.</summary>
    public IReadOnlyList<string> Classes => Info.Outputs is [{ Meaning: var meaning }, ..]
        ? meaning switch { ClassLabels labels => labels.Names, RareClass rare => rare.Names, _ => [] } : [];

    /// <summary>The answer for a batch, (batch, …), in memory of its own: probabilities of classes, quantities in their units, or what the network
    /// gives.</summary>
    /// <param name="batch">The input before preprocessing, (batch, …).</param>
    /// <exception cref="TensorException">The batch doesn't fit the network; the message says where.</exception>
    public Tensor Predict(Tensor batch)
    {
        int count = Count(batch);
        if (count <= BatchSize)
        {
            using Call call = new(this, count);
            return call.Run(batch)[0].Keep();
        }
        var parts = new Tensor[(count + BatchSize - 1) / BatchSize];
        for (int i = 0; i < parts.Length; i++) parts[i] = Predict(Part(batch, i));
        return Tensor.Concat(parts, 0);
    }

    /// <summary>Writes the answer for a batch, float32 row by row, to memory that the caller gives: nothing is allocated.</summary>
    /// <param name="batch">The input before preprocessing, (batch, …).</param>
    /// <param name="answer">Where the values go; as many as the answer has.</param>
    /// <exception cref="TensorException">The batch doesn't fit the network.</exception>
    /// <exception cref="ArgumentException">The answer has another number of values.</exception>
    public void Predict(Tensor batch, Span<float> answer)
    {
        int count = Count(batch);
        if (count > BatchSize)
        {
            int each = answer.Length / count;
            for (int at = 0; at < count; at += BatchSize)
                Predict(Part(batch, at / BatchSize), answer.Slice(at * each, at + BatchSize < count ? BatchSize * each : answer.Length - at * each));
            return;
        }
        using Call call = new(this, count);
        ReadOnlySpan<float> values = call.Run(batch)[0].Read<float>();
        if (values.Length != answer.Length)
            throw new ArgumentException($"the answer has {values.Length} values, and there is room for {answer.Length}", nameof(answer));
        values.CopyTo(answer);
    }

    /// <summary>The answers of a network with several inputs or outputs, in memory of their own.</summary>
    /// <param name="inputs">The inputs before preprocessing, each (batch, …), in the network's order.</param>
    /// <exception cref="TensorException">They don't fit the network.</exception>
    public Tensors Predict(Tensors inputs)
    {
        using Call call = new(this, Count(inputs[0]));
        return Tensors.Create([.. call.Run(inputs.Span).Span.ToArray().Select(t => t.Keep())]);
    }

    /// <summary>The answer for rows of a table, one text for each column.</summary>
    /// <exception cref="InvalidOperationException">The network doesn't take rows.</exception>
    /// <exception cref="FormatException">A text can't be read.</exception>
    public Tensor PredictRows(IReadOnlyList<IReadOnlyList<string>> rows) => Predict(First<RowPreprocessing>("rows of a table").Encode(rows));

    /// <summary>The answer for a row of numbers, in memory of its own.</summary>
    public Tensor PredictRow(params ReadOnlySpan<float> row) => Predict(Tensor.From(row, new Shape(1, row.Length)));

    /// <summary>The answer for texts, one batch.</summary>
    /// <exception cref="InvalidOperationException">The network doesn't take texts.</exception>
    /// <exception cref="FormatException">A text can't be encoded.</exception>
    public Tensor PredictTexts(params IReadOnlyList<string> texts) => Predict(First<TextPreprocessing>("texts").Encode(texts));

    /// <summary>The answer for recordings, one batch.</summary>
    /// <exception cref="InvalidOperationException">The network doesn't take recordings.</exception>
    public Tensor PredictSounds(params IReadOnlyList<Waveform> sounds) => Predict(First<SoundPreprocessing>("recordings").Encode(sounds));

    /// <summary>The answer for series of any lengths, one batch.</summary>
    /// <param name="series">Each (steps, channels), step by step; NaN where a value is missing.</param>
    /// <exception cref="InvalidOperationException">The network doesn't take series.</exception>
    /// <exception cref="FormatException">A series can't be encoded.</exception>
    public Tensor PredictSeries(params IReadOnlyList<float[]> series) => Predict(First<SeriesPreprocessing>("series").Encode(series))[0];

    /// <summary>
    /// The classes of each example of a batch, the most probable first; of a <see cref="RareClass"/> the one that the threshold decides for.
    /// </summary>
    /// <param name="batch">The input before preprocessing, (batch, …).</param>
    /// <param name="top">How many classes of each.</param>
    /// <exception cref="InvalidOperationException">The output has no class names.</exception>
    public IReadOnlyList<IReadOnlyList<ClassScore>> Classify(Tensor batch, int top = 1)
    {
        IReadOnlyList<string> names = Classes;
        if (names.Count == 0) throw new InvalidOperationException("the model's output has no class names; give ClassLabels when it is saved");
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        Tensor answer = Predict(batch);
        ReadOnlySpan<float> values = answer.Read<float>();
        var all = new IReadOnlyList<ClassScore>[values.Length / names.Count];
        for (int i = 0; i < all.Length; i++)
        {
            float[] row = values.Slice(i * names.Count, names.Count).ToArray();
            int decided = Info.Outputs[0].Meaning is RareClass rare ? rare.Decide(row) : -1;
            all[i] = [.. Enumerable.Range(0, names.Count).OrderByDescending(c => c == decided ? float.PositiveInfinity : row[c]).Take(top)
                .Select(c => new ClassScore(names[c], c, row[c]))];
        }
        return all;
    }

    private T First<T>(string what) where T : Preprocessing => Info.Inputs is [{ Preprocessing: [T step, ..] }, ..] ? step
        : throw new InvalidOperationException($"{Network} was not saved as a model of {what}: its first preprocessing step is no {typeof(T).Name}");

    private static int Count(Tensor batch) => batch.Rank == 0
        ? throw new TensorException("a batch has shape (batch, …), not ()", "Unsqueeze(0) for a single example") : batch.Shape[0];

    private Tensor Part(Tensor batch, int index) => batch.Narrow(0, index * BatchSize, Math.Min(BatchSize, batch.Shape[0] - index * BatchSize));

    // What a plan records: the meaning and preprocessing are tensor ops like the network's.
    private Tensors Step(Tensors x)
    {
        using Gradient.PauseScope pause = Gradient.Pause();
        var inputs = new Tensor[x.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = x[i];
            foreach (Preprocessing step in i < Info.Inputs.Count ? Info.Inputs[i].Preprocessing : []) inputs[i] = step.Apply(inputs[i]);
        }
        Tensors outputs = Network.Forward(Tensors.Create(inputs), Pass.Evaluation);
        var answers = new Tensor[outputs.Count];
        for (int i = 0; i < answers.Length; i++)
            answers[i] = (i < Info.Outputs.Count ? Info.Outputs[i].Meaning : null)?.Apply(outputs[i]) ?? outputs[i];
        return Tensors.Create(answers);
    }

    /// <summary>One call: it has a plan of the pool for itself until it is disposed.</summary>
    private readonly ref struct Call
    {
        private readonly Predictor _predictor;
        private readonly PooledPlan _plan;
        private readonly CpuPool.StayScope _stay;

        public Call(Predictor predictor, int count)
        {
            _predictor = predictor;
            _plan = predictor._plans.Take();
            bool isAlone = Interlocked.Increment(ref predictor._calls) == 1;
            _stay = CpuPool.Stay(!isAlone || predictor._plans.MultiplyAdds(count) < SmallCall);
        }

        public Tensors Run(params ReadOnlySpan<Tensor> inputs) => _predictor._plans.Run(_plan, inputs);

        public void Dispose()
        {
            _stay.Dispose();
            Interlocked.Decrement(ref _predictor._calls);
            _predictor._plans.Return(_plan);
        }
    }
}

/// <summary>A class and its probability.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Index">Its place among the classes.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct ClassScore(string Name, int Index, double Probability);
