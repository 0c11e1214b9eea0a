using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lamina.Recorder.Ops;

/// <summary>
/// Recurrent networks over whole sequences, by torch's own modules. Weights are transposed; where torch has a second bias
/// beside the first, of the same gradient, it is zero here (but for the GRU, whose recurrent bias is a part of the formula).
/// </summary>
static class Recurrent
{
    public static void Record(Recorder recorder)
    {
        Add(recorder.Op("rnn"), 1, 1, 1, x => [Rnn(x[0], x[1], x[2], x[3], x[4])]);
        Add(recorder.Op("lstm"), 4, 1, 2, x => Lstm(x[0], x[1], x[2], x[3], x[4], x[5]));
        Add(recorder.Op("gru"), 3, 2, 1, x => [Gru(x[0], x[1], x[2], x[3], x[4], x[5])]);
    }

    static void Add(OpRecording op, long gates, int biases, int states, Func<Tensor[], Tensor[]> compute)
    {
        Case("basic", 2, 3, 4, 5);
        Case("one_step", 3, 1, 2, 4);
        Case("odd", 1, 5, 3, 17);
        Case("scalars", 1, 4, 1, 1);

        void Case(string name, long batch, long steps, long features, long hidden) => op.AddMany(name, null, compute,
        [
            op.Draw.Normal(batch, steps, features), op.Draw.Uniform(-0.5, 0.5, features, gates * hidden), op.Draw.Uniform(-0.5, 0.5, hidden, gates * hidden),
            .. Enumerable.Range(0, biases).Select(_ => op.Draw.Normal(gates * hidden)), .. Enumerable.Range(0, states).Select(_ => op.Draw.Normal(batch, hidden)),
        ]);
    }

    /// <summary>All states.</summary>
    public static Tensor Rnn(Tensor x, Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor state)
    {
        RNN module = nn.RNN(x.shape[2], state.shape[1], batchFirst: true, dtype: float64);
        Give(module, inputWeight, recurrentWeight, bias, null);
        return module.call(x, state.unsqueeze(0)).Item1;
    }

    /// <summary>All states, the last state, the last cell.</summary>
    public static Tensor[] Lstm(Tensor x, Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor state, Tensor cell)
    {
        LSTM module = nn.LSTM(x.shape[2], state.shape[1], batchFirst: true, dtype: float64);
        Give(module, inputWeight, recurrentWeight, bias, null);
        (Tensor states, Tensor last, Tensor lastCell) = module.call(x, (state.unsqueeze(0), cell.unsqueeze(0)));
        return [states, last.squeeze(0), lastCell.squeeze(0)];
    }

    /// <summary>All states.</summary>
    public static Tensor Gru(Tensor x, Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor recurrentBias, Tensor state)
    {
        GRU module = nn.GRU(x.shape[2], state.shape[1], batchFirst: true, dtype: float64);
        Give(module, inputWeight, recurrentWeight, bias, recurrentBias);
        return module.call(x, state.unsqueeze(0)).Item1;
    }

    /// <summary>The states of a stack of layers, of all parameters layer by layer, forwards before backwards.</summary>
    /// <param name="lengths">Where given, each sequence goes through by itself, and zeros follow its states.</param>
    public static Tensor Stack(string cell, Tensor x, Tensor[] p, long hidden, long layers, bool bidirectional, long[]? lengths)
    {
        nn.Module module = cell switch
        {
            "rnn" => nn.RNN(x.shape[2], hidden, layers, batchFirst: true, bidirectional: bidirectional, dtype: float64),
            "gru" => nn.GRU(x.shape[2], hidden, layers, batchFirst: true, bidirectional: bidirectional, dtype: float64),
            _ => nn.LSTM(x.shape[2], hidden, layers, batchFirst: true, bidirectional: bidirectional, dtype: float64),
        };
        int each = cell == "gru" ? 4 : 3, directions = bidirectional ? 2 : 1;
        for (int part = 0; part < layers * directions; part++)
        {
            int at = part * each;
            Give(module, p[at], p[at + 1], p[at + 2], each > 3 ? p[at + 3] : null, $"l{part / directions}{(part % directions == 1 ? "_reverse" : "")}");
        }
        if (lengths is null) return Call(x);
        return cat([.. lengths.Select((length, i) => nn.functional.pad(Call(x.narrow(0, i, 1).narrow(1, 0, length)), [0, 0, 0, x.shape[1] - length]))]);

        Tensor Call(Tensor y) => module switch
        {
            RNN rnn => rnn.call(y).Item1,
            GRU gru => gru.call(y).Item1,
            _ => ((LSTM)module).call(y).Item1,
        };
    }

    static void Give(nn.Module module, Tensor inputWeight, Tensor recurrentWeight, Tensor bias, Tensor? recurrentBias, string part = "l0")
    {
        Set($"weight_ih_{part}", inputWeight);
        Set($"weight_hh_{part}", recurrentWeight);
        Set($"bias_ih_{part}", bias);
        if (recurrentBias is not null) Set($"bias_hh_{part}", recurrentBias);
        else
            using (no_grad()) Parameter($"bias_hh_{part}").zero_();

        Tensor Parameter(string name) => module.named_parameters().First(p => p.name == name).parameter;

        void Set(string name, Tensor value)
        {
            Tensor parameter = Parameter(name);
            using (no_grad()) parameter.copy_(Turned(value));
            Differentiation.Mirror(value, () => Turned(parameter.grad!).contiguous());
        }
    }

    static Tensor Turned(Tensor value) => value.dim() == 2 ? value.t() : value;
}
