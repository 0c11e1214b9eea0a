using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Lamina.Bench.Peer.Workloads;

/// <summary>
/// rnn, lstm, gru and a linear head at each step. Steps come first, as libtorch likes them best. Where its second bias only adds to
/// the first, it is zero and not trained.
/// </summary>
static class Recurrent
{
    public static Func<Given, Work> Train(string kind) => given =>
    {
        Func<Tensor> forward = Network(given, kind);
        Tensor y = StepsFirst(given, "targets");
        return new Training(given, () => mse_loss(forward(), y), parameters => optim.Adam(parameters, 0.001));
    };

    public static Work PredictLstm(Given given) => new Inference(given, Network(given, "lstm"));

    static Func<Tensor> Network(Given given, string kind)
    {
        Tensor x = StepsFirst(given, "inputs");
        long inputs = x.shape[2], hidden = given.Plain("0.recurrentWeight").shape[0];
        Func<Tensor> states;
        nn.Module module;
        switch (kind)
        {
            case "rnn":
                RNN rnn = nn.RNN(inputs, hidden);
                (module, states) = (rnn, () => rnn.call(x).Item1);
                break;
            case "lstm":
                LSTM lstm = nn.LSTM(inputs, hidden);
                (module, states) = (lstm, () => lstm.call(x).Item1);
                break;
            default:
                GRU gru = nn.GRU(inputs, hidden);
                (module, states) = (gru, () => gru.call(x).Item1);
                break;
        }
        Give(given, module);
        given.Parameters.Add("recurrent", module);
        (Parameter w, Parameter? b) = given.Linear("1");
        return () => linear(states(), w, b);
    }

    static void Give(Given given, nn.Module module)
    {
        Set("weight_ih_l0", given.Plain("0.inputWeight").t());
        Set("weight_hh_l0", given.Plain("0.recurrentWeight").t());
        Set("bias_ih_l0", given.Plain("0.bias"));
        if (given.Has("0.recurrentBias")) Set("bias_hh_l0", given.Plain("0.recurrentBias"));
        else
        {
            Parameter second = Named("bias_hh_l0");
            using (no_grad()) second.zero_();
            second.requires_grad = false;
        }

        Parameter Named(string name) => module.named_parameters().First(p => p.name == name).parameter;

        void Set(string name, Tensor value)
        {
            using (no_grad()) Named(name).copy_(value);
        }
    }

    static Tensor StepsFirst(Given given, string name) => given.Own(given.Plain(name).transpose(0, 1).contiguous());
}
