namespace Lamina.Tasks.Images;

/// <summary>The image classification job: from pictures to a trained network in a run folder.</summary>
public static class ImageClassification
{
    /// <summary>The job's name, as <c>--task</c> takes it.</summary>
    public const string Name = "images";

    /// <summary>Trains a network.</summary>
    /// <param name="options">How.</param>
    /// <param name="tell">What happens, as it happens; may be called from other threads while data is read.</param>
    /// <param name="cancel">Stops after the step in progress; a checkpoint is saved.</param>
    /// <exception cref="DataException">The data can't be used.</exception>
    /// <exception cref="TaskException">An option can't be used.</exception>
    /// <exception cref="Lamina.Learning.Training.DivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="Lamina.Formats.SaveException">The run could not be written.</exception>
    public static ImageResult Train(ImageOptions options, Action<TaskEvent> tell, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Goes on with a run where it stopped, to the same bits as if it hadn't.</summary>
    /// <exception cref="TaskException">The folder is no run, or its data has changed.</exception>
    public static ImageResult Resume(string run, Action<TaskEvent> tell, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Classes and probabilities of pictures, by a run's network.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="files">The pictures, of any size.</param>
    /// <param name="top">How many classes to give for each.</param>
    /// <param name="cancel">Stops.</param>
    public static IReadOnlyList<Prediction> Predict(string run, IReadOnlyList<string> files, int top = 5, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>The name and the summary of a run's network.</summary>
    public static NetworkReady Summarize(string run) => throw new NotImplementedException();
}
