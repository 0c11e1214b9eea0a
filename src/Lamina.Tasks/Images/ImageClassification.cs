using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Images;

/// <summary>The task of images for programs: <see cref="TaskRunner"/> with typed options.</summary>
public static class ImageClassification
{
    private static readonly ImageTask s_task = new();
    private static readonly TaskRunner s_runner = new(new TaskRegistry(s_task));

    /// <inheritdoc cref="TaskRunner.Train"/>
    public static TaskResult Train(ImageOptions options, Action<TaskEvent> tell, CancellationToken cancel = default) =>
        s_runner.Train(s_task, options.Request, new(tell, cancel));

    /// <inheritdoc cref="TaskRunner.Resume"/>
    public static TaskResult Resume(string run, Action<TaskEvent> tell, CancellationToken cancel = default, double? learningRate = null) =>
        s_runner.Resume(run, new(tell, cancel), learningRate);

    /// <inheritdoc cref="TaskRunner.Predict(string, IReadOnlyList{string}, int, TaskContext)"/>
    public static IEnumerable<Prediction> Predict(string run, IReadOnlyList<string> files, int top = 5, CancellationToken cancel = default) =>
        s_runner.Predict(run, files, top, new(_ => { }, cancel)).Items;

    /// <inheritdoc cref="TaskRunner.Test"/>
    public static TestReport Test(string run, string data, Action<TaskEvent> tell, CancellationToken cancel = default) =>
        s_runner.Test(run, new DataSource(data), new(tell, cancel));

    /// <inheritdoc cref="TaskRunner.Summarize"/>
    public static NetworkReady Summarize(string run) => s_runner.Summarize(run);
}
