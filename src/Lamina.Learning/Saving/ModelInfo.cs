using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

/// <summary>What is saved beside a network: what it is for, what its inputs go through, what its outputs mean.</summary>
public sealed record ModelInfo
{
    /// <summary>The task that it was trained for, such as <c>images</c>; an empty text where there is none.</summary>
    public string Task { get; init; } = "";

    /// <summary>The inputs in the network's order; empty where nothing is known of them.</summary>
    public IReadOnlyList<InputInfo> Inputs { get; init; } = [];

    /// <summary>The outputs in the network's order; empty where nothing is known of them.</summary>
    public IReadOnlyList<OutputInfo> Outputs { get; init; } = [];

    /// <summary>Anything else, such as a data set's name and a date.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>The version of Lamina that saved it; set by <see cref="Model"/>.</summary>
    public string LibraryVersion { get; init; } = "";

    /// <summary>The format version of the file that it was read from.</summary>
    public int FormatVersion { get; init; } = Model.FormatVersion;

    /// <summary>The information of a network with one input and one output.</summary>
    /// <param name="preprocessing">What is done to the input, in order.</param>
    /// <param name="output">What the output means.</param>
    /// <param name="task">What it is for.</param>
    public static ModelInfo Of(IReadOnlyList<Preprocessing>? preprocessing = null, OutputMeaning? output = null, string task = "") => new()
    {
        Task = task,
        Inputs = preprocessing is null ? [] : [new InputInfo { Preprocessing = preprocessing }],
        Outputs = output is null ? [] : [new OutputInfo { Meaning = output }],
    };
}

/// <summary>An input of a network.</summary>
public sealed record InputInfo
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "input";

    /// <summary>The type of what the network itself takes, after preprocessing.</summary>
    public DType Type { get; init; } = DType.Float32;

    /// <summary>The shape of an example that the network was built with, without the batch axis; null where it isn't known.</summary>
    public Shape? Shape { get; init; }

    /// <summary>What is done to it before the network sees it, in order.</summary>
    public IReadOnlyList<Preprocessing> Preprocessing { get; init; } = [];
}

/// <summary>An output of a network.</summary>
public sealed record OutputInfo
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "output";

    /// <summary>What it means; null where that isn't known.</summary>
    public OutputMeaning? Meaning { get; init; }
}

/// <summary>A network and what was saved beside it.</summary>
/// <param name="Network">The network, with its weights.</param>
/// <param name="Info">What is known of it.</param>
public sealed record SavedNetwork(Lamina.Learning.Modules.Network Network, ModelInfo Info);
