using System.Diagnostics;
using Lamina.Formats;
using Lamina.Tasks;
using Lamina.Tasks.Images;
using Lamina.Tasks.Spine;

namespace Lamina.KillHarness;

/// <summary>The process that dies: a short run, killed before one of its changes to the file system.</summary>
internal static class Child
{
    /// <summary>Trains or resumes; kills itself at a point, counted from 1, or at none for 0. The last line of the output is the number of points passed.</summary>
    public static int Run(int point, string what, string run, string data)
    {
        int passed = 0;
        DiskStep.Before = (_, _) =>
        {
            if (Interlocked.Increment(ref passed) != point) return;
            Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
        };
        TaskResult result = what == "train"
            ? ImageClassification.Train(new ImageOptions { Data = data, Run = run, Quick = true, Epochs = 2, Batch = 4, Seed = 3 }, _ => { })
            : ImageClassification.Resume(run, _ => { });
        Console.WriteLine(passed);
        return result.WasInterrupted ? 1 : 0;
    }
}
