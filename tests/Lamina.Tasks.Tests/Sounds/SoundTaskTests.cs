using Lamina.Formats.Sounds;
using Lamina.Learning.Saving;
using Lamina.Tasks.Registry;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tests.Images;

namespace Lamina.Tasks.Tests.Sounds;

/// <summary>Sounds on the spine: how files are labelled, what is learned, saved and predicted, and what can't be used.</summary>
[Collection("the shared pool")]
public sealed class SoundTaskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TaskRunner _runner = new(AllTasks.Registry);
    private readonly LearningTask _sound = AllTasks.Registry.Find("sound")!;
    private readonly List<TaskEvent> _events = [];

    private TaskContext Context => new(e => { lock (_events) _events.Add(e); }, TestContext.Current.CancellationToken);

    private DataReady Data => _events.OfType<DataReady>().Single();

    private string Fact(string name) => Data.Facts.Single(f => f.Name == name).Text;

    public void Dispose() => _folder.Dispose();

    // A low tone or a high one; each speaker a little higher than the one before.
    private static Waveform Tone(bool isHigh, int speaker, int take, double seconds = 0.25, int rate = 8_000)
    {
        double hertz = (isHigh ? 2_000 : 400) * (1 + 0.05 * speaker) * (1 + 0.013 * take);
        return new((float[])[.. Enumerable.Range(0, (int)(seconds * rate)).Select(i =>
            (float)(0.4 * Math.Sin(2 * Math.PI * hertz * i / rate) * Math.Abs(Math.Sin(40.0 * i / rate))))], rate);
    }

    private static byte[] Bytes(bool isHigh, int speaker, int take, double seconds = 0.25, int rate = 8_000) =>
        WaveFile.Bytes(Tone(isHigh, speaker, take, seconds, rate));

    // 2 classes · 3 speakers · takes.
    private static IEnumerable<(string Name, byte[] Bytes)> Recordings(int takes = 8) =>
        from speaker in Enumerable.Range(0, 3)
        from take in Enumerable.Range(0, takes)
        from isHigh in (bool[])[false, true]
        select ($"{(isHigh ? "high" : "low")}_{(char)('a' + speaker)}nn_{take}.wav", Bytes(isHigh, speaker, take));

    private string InOneFolder(int takes = 8)
    {
        foreach ((string name, byte[] bytes) in Recordings(takes)) _folder.Write($"tones/{name}", bytes);
        return _folder.At("tones");
    }

    private string InClassFolders(int takes = 8)
    {
        foreach ((string name, byte[] bytes) in Recordings(takes)) _folder.Write($"sorted/{name.Split('_')[0]}/{name.Split('_', 2)[1]}", bytes);
        return _folder.At("sorted");
    }

    private TaskResult Train(string? data, params (string, object)[] values) => TrainIn("run", data, values);

    private TaskResult TrainIn(string run, string? data, params (string, object)[] values) => _runner.Train(_sound,
        new() { Data = data is null ? null : new DataSource(data), Run = _folder.At(run), Values =
            values.Append(("epochs", 2L)).DistinctBy(v => v.Item1).ToDictionary(v => v.Item1, v => v.Item2) },
        Context);

    private List<Prediction> Predict(params string[] files) => [.. _runner.Predict(_folder.At("run"), files, 5, Context).Items];

    [Fact]
    public void Tones_are_told_apart_and_predicted_from_the_saved_file()
    {
        TaskResult result = Train(InOneFolder(), ("epochs", 6L), ("augment", "none"));
        Assert.InRange(result.Test!["accuracy"], 0.9, 1);
        Assert.InRange(result.Test.Baseline!.Figures["accuracy"], 0.4, 0.6);
        Assert.Contains("part 1 of the file names", Fact("label"));
        Assert.Contains("--label chooses another, such as 2", Fact("label"));
        Predictor predictor = Predictor.Load(_folder.At("run/model.safetensors"));
        Assert.Equal(["high", "low"], predictor.Classes);
        float[] answers = predictor.PredictSounds(Tone(true, 1, 20), Tone(false, 1, 20), Tone(true, 1, 20, rate: 22_050)).ToArray<float>();
        Assert.True(answers[0] > answers[1] && answers[3] > answers[2] && answers[4] > answers[5]);
        Prediction high = Predict(_folder.Write("new.wav", Bytes(true, 1, 20))).Single();
        Assert.Equal("high", high.Top[0].Class);
        Assert.Equal(2_000, WaveFile.Read(_folder.At("new.wav")).Samples.Length);
        Assert.Equal(predictor.PredictSounds(WaveFile.Read(_folder.At("new.wav"))).ToArray<float>()[0], (float)high.Top[0].Probability, 1e-6);
    }

    [Fact]
    public void Labels_are_sub_folders_in_a_zip_too()
    {
        (string, byte[])[] entries = [.. Recordings().Select(r => ($"all/{r.Name.Split('_')[0]}/{r.Name}", r.Bytes)),
            ("__MACOSX/all/._a.wav", [1, 2]), ("all/readme.txt", [1])];
        Train(_folder.Zip("tones.zip", entries));
        Assert.Contains("sub-folders", Fact("label"));
        Assert.Equal(48, Data.Training + Data.Validation + Data.Test);
    }

    [Fact]
    public void Another_part_of_the_names_can_be_the_label()
    {
        Train(InOneFolder(), ("label", "2"));
        Assert.Equal(["ann", "bnn", "cnn"], ((ClassOutput)Data.Output).Names);
        Assert.Contains("--label 9", Assert.Throws<TaskException>(() => TrainIn("other", _folder.At("tones"), ("label", "9"))).Message);
        Assert.Contains("--label word", Assert.Throws<TaskException>(() => TrainIn("other", _folder.At("tones"), ("label", "word"))).Message);
    }

    [Fact]
    public void Folds_by_speaker_test_each_on_one_and_say_on_whom()
    {
        Train(InOneFolder(), ("folds", 3L), ("group", "speaker"));
        FoldsDone done = _events.OfType<FoldsDone>().Single();
        Assert.Equal(["speaker ann", "speaker bnn", "speaker cnn"], done.Each.Select(e => e.Key).Order());
        Assert.Equal(done.Mean["accuracy"], done.Each.Average(e => e.Value["accuracy"]), 1e-9);
        Assert.All(_events.OfType<DataReady>(), d => Assert.Equal(16, d.Test));
        // Three groups are too few to keep one for validation.
        Assert.All(_events.OfType<DataReady>(), d => Assert.InRange(d.Validation, 2, 6));
        Assert.Contains("speaker bnn", File.ReadAllText(_folder.At("run/report.html")));
    }

    [Fact]
    public void Parts_of_the_data_are_folders()
    {
        foreach ((string name,
            byte[] bytes) in Recordings()) _folder.Write($"parts/{(name.Contains("_c") ? "test" : "train")}/{name.Split('_')[0]}/{name}", bytes);
        Train(_folder.At("parts"));
        Assert.Equal(16, Data.Test);
        Assert.Equal(32, Data.Training + Data.Validation);
    }

    [Fact]
    public void A_resumed_run_ends_in_the_same_bits()
    {
        string data = InClassFolders();
        Train(data, ("epochs", 3L));
        byte[] whole = File.ReadAllBytes(_folder.At("run/model.safetensors"));
        Directory.Move(_folder.At("run"), _folder.At("first"));
        using var stop = new CancellationTokenSource();
        _runner.Train(_sound, new() { Data = new DataSource(data), Run = _folder.At("run"), Values = new Dictionary<string,
            object> { ["epochs"] = 3L } },
            new(e => { if (e is TrainingProgress { Event: Learning.Training.EpochDone { Epoch: 1 } }) stop.Cancel(); }, stop.Token));
        Assert.False(_runner.Resume(_folder.At("run"), Context).WasInterrupted);
        Assert.Equal(whole, File.ReadAllBytes(_folder.At("run/model.safetensors")));
        // What it was trained on has to be there still.
        _folder.Write("sorted/high/ann_0.wav", Bytes(true, 9, 9));
        Assert.Throws<TaskException>(() => _runner.Resume(_folder.At("run"), Context));
    }

    [Fact]
    public void Bad_recordings_are_passed_over_and_named()
    {
        string data = InClassFolders();
        byte[] good = Bytes(true, 0, 0, 0.5);
        _folder.Write("sorted/high/cut.wav", good[..3_001]);
        _folder.Write("sorted/high/codec.wav", [.. good[..20], 0x11, 0, .. good[22..]]);
        _folder.Write("sorted/high/none.wav", good[..44]);
        _folder.Write("sorted/high/silent.wav", WaveFile.Bytes(new(new float[4_000], 8_000)));
        _folder.Write("sorted/high/text.wav", "not a sound at all"u8.ToArray());
        _folder.Write("sorted/high/empty.wav", []);
        _folder.Write("sorted/high/song.mp3", [1, 2, 3]);
        _folder.Write("sorted/high/long.wav", Bytes(true, 0, 1, 61));
        Train(data);
        string notes = string.Join('\n', Data.Notes);
        foreach (string part in (string[])["1 file cut short, and used as far as they go: high/cut.wav", "IMA ADPCM", "high/none.wav",
            "silent: high/silent.wav", "\"not \"", "an empty file", "song.mp3", "longer than 60 seconds"])
            Assert.Contains(part, notes);
        Assert.Equal(48 + 2, Data.Training + Data.Validation + Data.Test); // the one cut short, and the long one
    }

    [Fact]
    public void What_cannot_be_used_is_refused_with_a_way_out()
    {
        _folder.Write("mp3/a/1.mp3", [1]);
        Assert.Contains("ffmpeg", Assert.Throws<DataException>(() => Train(_folder.At("mp3"))).Message);
        for (int i = 0; i < 6; i++) _folder.Write($"one/{"abcdef"[i]}.wav", Bytes(true, 0, i));
        Assert.Contains("nothing says the classes", Assert.Throws<DataException>(() => Train(_folder.At("one"))).Message);
        for (int i = 0; i < 6; i++) _folder.Write($"single/dog/{i}.wav", Bytes(true, 0, i));
        Assert.Throws<DataException>(() => Train(_folder.At("single")));
        for (int i = 0; i < 6; i++) _folder.Write($"bad/{(i < 3 ? "dog" : "cat")}/{i}.wav", [1, 2, 3]);
        Assert.Contains("none of its 6 WAV files can be used", Assert.Throws<DataException>(() => Train(_folder.At("bad"))).Message);
        Assert.Throws<DataException>(() => Train(_folder.At("nowhere")));
        Assert.Throws<DataException>(() => Train(_folder.At("one/a.wav")));
        Assert.Throws<TaskException>(() => Train(null, ("group", "speaker")));
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Fact]
    public void A_long_recording_is_heard_in_pieces()
    {
        Train(InClassFolders(), ("epochs", 4L), ("augment", "none"));
        float[] tones = [.. Enumerable.Range(0, 60).SelectMany(i => i % 3 == 0 ? new float[4_000] : Tone(true, 0, 1, 0.5).Samples.ToArray())];
        Prediction found = Predict(_folder.Write("long.wav", WaveFile.Bytes(new(tones, 8_000)))).Single();
        Assert.Equal("high", found.Top[0].Class);
        Assert.Contains("pieces", found.Note);
        Assert.Equal(1, found.Top.Sum(t => t.Probability), 1e-5);
        byte[] bytes = Bytes(true, 0, 0);
        Prediction[] others = [.. Predict(_folder.Write("cut.wav", bytes[..2_000]), _folder.Write("none.wav", bytes[..44]),
            _folder.Write("text.wav", [1, 2]),
            _folder.Write("silent.wav", WaveFile.Bytes(new(new float[4_000], 8_000))))];
        Assert.Contains("cut short", others[0].Note);
        Assert.Contains("no samples", others[1].Error + "has no samples");
        Assert.NotNull(others[1].Error);
        Assert.Contains("expected a WAV file", others[2].Error);
        Assert.Equal("silent", others[3].Note);
        Prediction silence = Predict(_folder.Write("silence.wav", WaveFile.Bytes(new(new float[80_000], 8_000)))).Single();
        Assert.Equal("silent", silence.Note);
        Assert.Equal(1, silence.Top.Sum(t => t.Probability), 1e-5);
        Assert.Throws<DataException>(() => Predict(_folder.At("nowhere.wav")));
    }

    [Fact]
    public void Built_in_sounds_run_in_brief_and_are_tested_on_others()
    {
        Train(null, ("quick", true));
        Assert.Equal(8, ((ClassOutput)Data.Output).Names.Count);
        foreach ((string name,
            byte[] bytes) in Recordings(1)) _folder.Write($"own/{(name.StartsWith("high", StringComparison.Ordinal) ? "tone" : "other")}/{name}",
            bytes);
        TestReport report = _runner.Test(_folder.At("run"), new DataSource(_folder.At("own")), Context);
        Assert.Equal(3, report.Count);
        Assert.Contains("'other'", string.Join('\n', _events.OfType<TestReady>().Single().Notes));
    }

    [Fact]
    public void Recognised_by_wav_files_alone()
    {
        Assert.Equal("sound", AllTasks.Registry.Recognize(new(InClassFolders())).Task.Name);
        Assert.Equal("sound", AllTasks.Registry.Recognize(new(_folder.Zip("tones.zip", [.. Recordings(1)]))).Task.Name);
        _folder.WithCatsAndDogs("images/");
        _folder.Write("images/cat/purr.wav", Bytes(true, 0, 0));
        Assert.Equal("images", AllTasks.Registry.Recognize(new(_folder.At("images"))).Task.Name);
        Assert.Equal(0, _sound.Recognize(new(_folder.At("nowhere"))).Score);
        Assert.Equal(0, _sound.Recognize(new(_folder.Write("damaged.zip", [1, 2, 3]))).Score);
    }
}
