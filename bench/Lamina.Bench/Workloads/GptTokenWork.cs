using Lamina.Bench.Protocol;
using Lamina.Models;
using Lamina.Tensors.Shapes;

namespace Lamina.Bench.Workloads;

/// <summary>One more token of a text, its context growing from nothing to full and beginning anew: keys and values of earlier tokens are cached.</summary>
internal sealed class GptTokenWork : Work
{
    private readonly Models.Gpt _network;
    private readonly KeyValueMemory _memory;
    private readonly Tensor _text;
    private readonly Tensor[] _tokens;

    /// <param name="network">The network; it is given the first values that seed 1 gives.</param>
    /// <param name="text">Tokens (batch, context).</param>
    public GptTokenWork(Models.Gpt network, Tensor text)
    {
        (_network, _text) = (network, text);
        network.Build([network.Options.Context], text.DType);
        network.Initialize(1);
        _memory = new KeyValueMemory(network, text.Shape[0]);
        _tokens = [.. Enumerable.Range(0, _memory.Places).Select(i => text.Narrow(1, i, 1).Keep())];
        // Those of attention, a percent or two, depend on how full the memory is, and are left out.
        MultiplyAdds = Counter.Count(() => network.Forward(_tokens[0]));
    }

    public override long MultiplyAdds { get; }

    public override IReadOnlyCollection<SentTensor> Sent => [.. Send(_network), Send("inputs", _text)];

    public override void Step(double learningRate) => Next();

    /// <summary>Writes a sixteenth token: what was remembered counts by then.</summary>
    public override double Check(double learningRate)
    {
        _memory.Clear();
        for (int i = 0; i < 15; i++) Next();
        return MeanSquare(Next().Read<float>());
    }

    private Tensor Next()
    {
        if (_memory.Count == _memory.Places) _memory.Clear();
        return _memory.Next(_tokens[_memory.Count]);
    }
}
