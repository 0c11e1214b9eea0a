namespace Lamina.Tasks.Images;

/// <summary>Counts finished images from several threads, and tells of about every hundredth part and of the last.</summary>
internal sealed class ProgressCounter(IProgress<ImageProgress>? progress, int total)
{
    private readonly Lock _lock = new(); // held while reporting, so that the numbers only rise
    private readonly int _step = Math.Max(1, total / 100);
    private int _done;

    internal void Count()
    {
        if (progress is null)
        {
            return;
        }

        lock (_lock)
        {
            _done++;
            if (_done == total || _done % _step == 0)
            {
                progress.Report(new ImageProgress(_done, total));
            }
        }
    }
}
