using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lamina.Bench.Protocol;

/// <summary>What the benchmark asks of its peer: one JSON object per line on the peer's standard input.</summary>
/// <param name="Command">One of <see cref="Commands"/>.</param>
public sealed record Request(string Command)
{
    /// <summary>Prepare: which workload, by the name of its class in the peer, such as <c>mlp</c> or <c>gemm</c>.</summary>
    public string? Workload { get; init; }

    /// <summary>Prepare: a file of the tensors that both sides begin with.</summary>
    public string? Tensors { get; init; }

    /// <summary>Prepare: whether images lie channels last; null measures both and keeps the quicker.</summary>
    public bool? ChannelsLast { get; init; }

    /// <summary>Prepare: the numbers that tell workloads of one kind apart.</summary>
    public Dictionary<string, double> Options { get; init; } = [];

    /// <summary>Run: how many steps.</summary>
    public int Steps { get; init; }

    /// <summary>Run: the learning rate of these steps, where there is one.</summary>
    public double LearningRate { get; init; }
}

/// <summary>What a peer is asked to do.</summary>
public static class Commands
{
    public const string Prepare = "prepare", Run = "run", Check = "check", Peak = "peak", Version = "version";
}

/// <summary>The peer's answer: one JSON object per line on its standard output.</summary>
public sealed record Reply
{
    /// <summary>What went wrong, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Run: the milliseconds that each step took.</summary>
    public double[] Times { get; init; } = [];

    /// <summary>Check: the loss of each step, or, for a workload without one, sums over the results.</summary>
    public double[] Losses { get; init; } = [];

    /// <summary>Prepare: whether images lie channels last; null where there are none.</summary>
    public bool? ChannelsLast { get; init; }

    /// <summary>Peak: the most memory that the process has had, in MiB.</summary>
    public double PeakMib { get; init; }

    /// <summary>Version: of the library.</summary>
    public string? Version { get; init; }
}

/// <summary>Messages as lines.</summary>
public static class Line
{
    // A loss may have become infinite or no number at all.
    private static readonly JsonSerializerOptions Numbers = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string Of<T>(T message) => JsonSerializer.Serialize(message, Numbers);

    public static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, Numbers) ?? throw new FormatException("an empty message");
}
