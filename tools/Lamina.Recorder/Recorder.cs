namespace Lamina.Recorder;

/// <summary>The files being recorded, under one folder.</summary>
sealed class Recorder(string root)
{
    readonly List<(string Folder, RecordedFile File)> files = [];

    public OpRecording Op(string name) => new(Add("ops", new RecordedFile("op", name)));

    public OpRecording Loss(string name) => new(Add("losses", new RecordedFile("op", name)));

    public LayerRecording Layer(string name) => new(Add("layers", new RecordedFile("layer", name)));

    public RecordedFile Add(string folder, RecordedFile file)
    {
        files.Add((folder, file));
        return file;
    }

    /// <summary>Writes every file; how many there are.</summary>
    public int Save()
    {
        foreach ((string folder, RecordedFile file) in files)
            file.Save(Path.Combine(root, folder));
        return files.Count;
    }
}
