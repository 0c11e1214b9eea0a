using Lamina.Bench.Peer.Workloads;

namespace Lamina.Bench.Peer;

/// <summary>The workloads by name.</summary>
static class Table
{
    static readonly Dictionary<string, Func<Given, Work>> s_workloads = new()
    {
        ["gemm"] = Gemm.Create,
        ["mlp-tiny"] = MlpTiny.Train,
        ["mlp"] = Mlp.Train,
        ["lenet5"] = LeNet5.Train,
        ["cnn"] = Cnn.Train,
        ["resnet20"] = ResNet20.Train,
        ["tcn"] = Tcn.Train,
        ["rnn"] = Recurrent.Train("rnn"),
        ["lstm"] = Recurrent.Train("lstm"),
        ["gru"] = Recurrent.Train("gru"),
        ["gpt"] = Gpt.Train,
        ["softmax"] = Maps.Softmax,
        ["layer-norm"] = Maps.LayerNorm,
        ["gelu"] = Maps.Gelu,
        ["chain"] = Maps.Chain,
        ["adam"] = Maps.AdamStep,
        ["predict mlp"] = Mlp.Predict,
        ["predict cnn"] = Cnn.Predict,
        ["predict resnet20"] = ResNet20.Predict,
        ["predict lstm"] = Recurrent.PredictLstm,
        ["gpt token"] = GptToken.Create,
    };

    public static Func<Given, Work> Find(string name) =>
        s_workloads.TryGetValue(name, out Func<Given, Work>? create) ? create : throw new InvalidOperationException($"the peer has no workload '{name}'");
}
