using Lamina.Formats;
using Lamina.Learning.Checkpoints;
using Lamina.Learning.Initializers;
using Lamina.Learning.Modules;
using Lamina.Tensors;
using Xunit;

namespace Lamina.Learning.Tests.Checkpoints;

/// <summary>The last good checkpoint always loads, whole, and a damaged one changes nothing.</summary>
public sealed class CheckpointStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lamina-checkpoints-").FullName;
    private readonly NamedVariable[] _model = [new("w", new Parameter(Constant.Zero, [3]))], _optimizer = [new("w/step", new Variable(Tensor.Of(0L)))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private CheckpointStore Store => new(_folder);

    private string At(long step, string file) => Path.Combine(_folder, $"{step:D9}", file);

    private void Save(long step)
    {
        _model[0].Variable.Value = Tensor.From(step + 0.5f, 0, 0);
        _optimizer[0].Variable.Value = Tensor.Of(step);
        Store.Save(_model, _optimizer, new TrainingState { Step = step });
    }

    // Loads into other values, and says what they are then.
    private (long? Step, float Weight, double Count, IReadOnlyList<string> Skipped) Load()
    {
        _model[0].Variable.Value = Tensor.From(-1f, -1, -1);
        _optimizer[0].Variable.Value = Tensor.Of(-1L);
        TrainingState? state = Store.Load(_model, _optimizer, out IReadOnlyList<string> skipped);
        return (state?.Step, _model[0].Variable.Value.ToArray<float>()[0], _optimizer[0].Variable.Value.Item(), skipped);
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "model.safetensors", "cut" }, { "optimizer.safetensors", "cut" }, { "state.json", "cut" },
        { "model.safetensors", "gone" }, { "optimizer.safetensors", "gone" }, { "state.json", "gone" },
        { "state.json", "null" }, { "state.json", """{"step":-1}""" }, { "state.json", """{"step":3}""" }, { "state.json", """{"step":2,"batch":-1}""" },
        { "state.json", """{"step":2,"epoch":1,"bestEpoch":2,"bestScore":1}""" }, { "state.json", """{"step":2,"schedule":null}""" }, { "state.json", """{"step":2,"seconds":-1}""" },
        { "optimizer.safetensors", "other" },
    };

    [Theory, MemberData(nameof(Damages))]
    public void A_damaged_one_is_passed_over_and_changes_nothing(string file, string damage)
    {
        Save(1);
        Save(2);
        Damage(2, file, damage);
        (long? step, float weight, double count, IReadOnlyList<string> skipped) = Load();
        Assert.Equal((1, 1.5f, 1), (step, weight, count));
        Assert.Contains("000000002", Assert.Single(skipped));

        Damage(1, file, damage.Replace("\"step\":2", "\"step\":1"));
        (step, weight, count, skipped) = Load();
        Assert.Equal((null, -1f, -1), (step, weight, count));
        Assert.Equal(2, skipped.Count);
    }

    private void Damage(long step, string file, string damage)
    {
        string path = At(step, file);
        byte[] bytes = File.ReadAllBytes(path);
        if (damage == "cut") File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        else if (damage == "gone") File.Delete(path);
        else if (damage == "other") SafeTensors.Write(path, [new("another", Tensor.Of(1L))]);
        else File.WriteAllText(path, damage);
    }

    [Fact]
    public void Whoever_goes_on_before_a_damaged_one_keeps_what_it_saves()
    {
        Save(10);
        Save(20);
        Damage(20, "model.safetensors", "cut");
        Assert.Equal(10, Load().Step);
        Save(12);
        Save(14);
        Assert.Equal(["000000012", "000000014"], Directory.GetDirectories(_folder).Select(Path.GetFileName).Order());
        Assert.Equal(14, Store.Newest);
        Assert.Equal(14, Load().Step);
    }

    [Fact]
    public void A_folder_that_cannot_be_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var store = new CheckpointStore(Path.Combine(_folder, "file"));
        Assert.Contains("file", Assert.Throws<SaveException>(() => store.Save(_model, _optimizer, new TrainingState())).Message);
        Assert.Null(store.Newest);
    }
}
