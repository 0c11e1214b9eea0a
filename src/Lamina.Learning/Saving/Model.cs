using System.Text.Json;
using Lamina.Formats;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Saving;

/// <summary>
/// Saves networks as files that describe themselves, and opens them again: one safetensors file holds the weights and, in its metadata, what
/// the network is made of, what its inputs go through and what its outputs mean. Nothing in a file is executed, and everything is checked.
/// </summary>
public static class Model
{
    /// <summary>The format version that is written, and the latest that is read.</summary>
    public const int FormatVersion = 1;

    private const string Key = "lamina.model";

    /// <summary>The library's version, which is noted in files.</summary>
    internal static string LibraryVersion { get; } = typeof(Model).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Saves a network to a file, which is replaced as a whole or not at all.</summary>
    /// <param name="path">The file, by custom <c>….safetensors</c>.</param>
    /// <param name="network">The network; its shapes must be known (it was built, trained or used).</param>
    /// <param name="info">What else is known of it.</param>
    /// <exception cref="SaveException">The disk or its permissions don't allow it, or the network can't be saved; the message says why.</exception>
    public static void Save(string path, Network network, ModelInfo? info = null)
    {
        string text;
        try
        {
            text = Describe(network, info);
        }
        catch (NotSavedException e)
        {
            throw new SaveException(path, e.Cause, e.WayOut, e);
        }
        SafeTensors.Write(path, network.Variables.Select(v => KeyValuePair.Create(v.Path, v.Variable.Value)), new Dictionary<string, string> { [Key] = text });
    }

    /// <summary>Checks that a network can be saved, before hours of training: its description is written, and a network made from it.</summary>
    /// <param name="network">The network; its shapes must be known.</param>
    /// <param name="info">What else would be saved.</param>
    /// <exception cref="NotSavedException">It can't; the message says why.</exception>
    public static void RequireSaveable(Network network, ModelInfo? info = null) => Describe(network, info);

    /// <summary>Opens a saved network.</summary>
    /// <exception cref="FileFormatException">The file can't be read, is damaged, from a later version, without a description, or names a class that
    /// this program doesn't know.</exception>
    public static Network Load(string path) => Open(path).Network;

    /// <summary>Opens a saved network of a kind: <c>Model.Load&lt;Layer&gt;(path)</c> has one input and one output.</summary>
    /// <exception cref="FileFormatException">As <see cref="Load(string)"/>, or it is of another kind.</exception>
    public static T Load<T>(string path) where T : Network
    {
        Network network = Load(path);
        return network as T ?? throw new FileFormatException(path, "the model's description", $"a {typeof(T).Name}", network.GetType().Name,
            "Model.Load(path), which opens any network");
    }

    /// <summary>Opens a saved network with what is known of it.</summary>
    /// <exception cref="FileFormatException">As <see cref="Load(string)"/>.</exception>
    public static SavedNetwork Open(string path)
    {
        SafeTensorsFile file = SafeTensors.Read(path);
        if (!file.Metadata.TryGetValue(Key, out string? text))
            throw new FileFormatException(path, "its metadata", $"a description of the model (\"{Key}\")", "none: it holds weights alone",
                "Model.LoadWeights(network, path) with a network that code makes, then Model.Save, which writes the description too");
        SavedNetwork saved = ModelText.Read(text, path);
        var match = new WeightMatch(saved.Network, file.Tensors, new LoadOptions(), path);
        if (!match.Report.IsWhole) throw Unfit(path, match.Report, "saving the model again; weights and description are of different networks");
        match.Apply();
        CheckShapes(saved, path);
        return saved;
    }

    /// <summary>Gives a network the weights of a file, with or without a description, whole or in part.</summary>
    /// <param name="network">The network, or a part of one.</param>
    /// <param name="path">A safetensors file.</param>
    /// <param name="options">How names are matched, and what may be left over; by default nothing may.</param>
    /// <returns>What was loaded, and what was missing, unexpected or of another shape.</returns>
    /// <exception cref="FileFormatException">The file can't be read, or something is left over that may not be; then nothing was changed.</exception>
    public static LoadReport LoadWeights(Module network, string path, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        var match = new WeightMatch(network, SafeTensors.Read(path).Tensors, options, path);
        LoadReport report = match.Report;
        if (report.Missing.Count > 0 && !options.AllowMissing || report.Unexpected.Count > 0 && !options.AllowUnexpected
            || report.OtherShapes.Count > 0 && !options.AllowOtherShapes)
            throw Unfit(path, report, "LoadOptions with a Prefix or Rename, or with AllowMissing, AllowUnexpected or AllowOtherShapes");
        match.Apply();
        return report;
    }

    /// <summary>
    /// Registers a class under a name: files call it that from now on, and files that call it that are opened. Partial module classes need no
    /// registration: their full names do. A class that was renamed gives its old name.
    /// </summary>
    /// <typeparam name="T">A partial module class, for which the generator writes what it is made of.</typeparam>
    /// <param name="name">The name in files.</param>
    /// <exception cref="ArgumentException">The name is empty, or another class has it.</exception>
    public static void Register<T>(string name) where T : class, ISaved<T> => SavedTypes.Register<T>(name);

    /// <summary>The name and options of a module (without weights), a preprocessing step or a meaning of outputs, as JSON: what files of runs hold of
    /// them.</summary>
    /// <exception cref="NotSavedException">It can't be saved; the message says why.</exception>
    public static JsonElement Describe(Module part) => Parsed(to => to.Value(part));

    /// <inheritdoc cref="Describe(Module)"/>
    public static JsonElement Describe(ISavedByName part) => Parsed(to => to.Value(part));

    /// <summary>Makes again what <see cref="Describe(Module)"/> wrote; its weights are drawn when it is initialised.</summary>
    /// <param name="description">The JSON, which is checked.</param>
    /// <param name="file">Where it was read from, for messages.</param>
    /// <exception cref="FileFormatException">It is damaged, of another kind, or names a class that this program doesn't know.</exception>
    public static T Create<T>(JsonElement description, string file) where T : class
    {
        var source = new OptionSource(file);
        using JsonDocument json = source.Parse(description.GetRawText());
        return source.Object<T>(json.RootElement, "");
    }

    private static JsonElement Parsed(Action<OptionWriter> body)
    {
        using JsonDocument json = JsonDocument.Parse(OptionWriter.Write(body), new JsonDocumentOptions { MaxDepth = 1000 });
        return json.RootElement.Clone();
    }

    private static string Describe(Network network, ModelInfo? info)
    {
        if (!network.IsBuilt) throw new NotSavedException($"{network} has parameters whose shape isn't known yet",
            "network.Build(…) with the shape of an example first");
        info = WithShapes(info ?? new ModelInfo(), network);
        string text = ModelText.Write(network, info);
        SavedNetwork again;
        try
        {
            again = ModelText.Read(text, "its description");
        }
        catch (FileFormatException e)
        {
            throw new NotSavedException($"what was written doesn't make it again ({e.Place}: expected {e.Expected}, found {e.Found})",
                "constructor parameters and members of the same name that hold the same values");
        }
        Dictionary<string, Shape?> made = again.Network.Variables.ToDictionary(v => v.Path, v => (v.Variable as ModuleVariable)?.KnownShape);
        foreach ((string path, Variable variable) in network.Variables)
            if (!made.Remove(path, out Shape? shape) || shape is { } known && known != variable.Spec.Shape)
                throw new NotSavedException($"'{path}' {variable.Spec.Shape} is not what its options make again{(shape is null ? "" : $": {shape}")}",
                    "options that say all that it is made of: modules that are added later are not in them, but for a Sequential's");
        if (made.Count > 0) throw new NotSavedException($"its options make '{made.Keys.First()}' too, which it doesn't have",
            "options that say all that it is made of");
        return text;
    }

    // The shapes that it was built with, where nobody says others.
    private static ModelInfo WithShapes(ModelInfo info, Network network)
    {
        if (network.Example is not { } example || example.Count != network.InputNames.Count || info.Inputs.Count > example.Count) return info;
        var inputs = new InputInfo[example.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            InputInfo known = i < info.Inputs.Count ? info.Inputs[i] : new InputInfo { Name = network.InputNames[i] };
            inputs[i] = known.Shape is null ? known with { Type = example[i].DType, Shape = example[i].Shape } : known;
        }
        return info with { Inputs = inputs };
    }

    // Weights that fit their names may still not fit each other: shapes are sent through the network where the inputs' are known.
    private static void CheckShapes(SavedNetwork saved, string path)
    {
        IReadOnlyList<InputInfo> inputs = saved.Info.Inputs;
        if (inputs.Count != saved.Network.InputNames.Count || inputs.Any(i => i.Shape is null)) return;
        try
        {
            saved.Network.Build(Specs.Create([.. inputs.Select(i => new Spec(i.Type, i.Shape!.Value))]));
        }
        catch (NoValueException)
        {
            // It reads values as it goes, so shapes alone don't get through it.
        }
        catch (TensorException e)
        {
            throw new FileFormatException(path, "the weights", "shapes that fit the network", e.Message.Split('\n')[0],
                "saving the model again; weights and description are of different networks", e);
        }
    }

    private static FileFormatException Unfit(string path, LoadReport report, string wayOut) =>
        new(path, "the weights", "those of the network", report.ToString(), wayOut);
}
