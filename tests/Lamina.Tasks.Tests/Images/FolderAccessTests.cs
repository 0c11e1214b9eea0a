using System.Diagnostics;
using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

/// <summary>Links, pipes and permissions: what can stop or circle a walk through folders.</summary>
public sealed class FolderAccessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static LabeledImages Open(TempFolder folder) => ImageSource.Open(folder.Root, cancel: Cancel);

    [Fact]
    public async Task Follows_links_but_not_in_circles()
    {
        using var elsewhere = new TempFolder();
        elsewhere.WithCatsAndDogs();
        using var folder = new TempFolder();
        folder.Write("dog/0.png", SampleImages.Png(4, 4, 5));
        folder.Write("dog/1.png", SampleImages.Png(4, 4, 6));
        Link(() => Directory.CreateSymbolicLink(folder.At("cat"), elsewhere.At("cat")));
        Link(() => Directory.CreateSymbolicLink(folder.At("dog/up"), folder.Root));
        Link(() => Directory.CreateSymbolicLink(folder.At("dog/self"), folder.At("dog")));
        Link(() => File.CreateSymbolicLink(folder.At("dog/round.txt"), folder.At("dog/round.txt")));

        LabeledImages data = await Task.Run(() => Open(folder), Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        Assert.Equal([0, 0, 1, 1], data.Train.Labels);
        Assert.Contains("did not follow 2 links that lead back to a folder above", data.Notes);
    }

    [Fact]
    public void Skips_a_link_to_nothing()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        Link(() => File.CreateSymbolicLink(folder.At("cat/gone.png"), folder.At("nowhere.png")));
        Assert.Equal(["skipped 1 unreadable file: cat/gone.png (can't be read: it's gone, or a link to nothing)"], Open(folder).Notes);
    }

    [Fact]
    public async Task Does_not_wait_for_a_pipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "named pipes in folders are a thing of Unix");
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        using (Process make = Process.Start("mkfifo", folder.At("cat/pipe.png")))
        {
            await make.WaitForExitAsync(Cancel);
        }

        LabeledImages data = await Task.Run(() => Open(folder), Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Assert.Equal(["skipped 1 unreadable file: cat/pipe.png (a named pipe (FIFO), not a file)"], data.Notes);
    }

    [Fact]
    public void Refuses_a_folder_without_permission()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        SetMode(folder.At("dog"), UnixFileMode.None);
        try
        {
            Assert.SkipUnless(IsClosed(folder.At("dog")), "run as root, to whom no folder is closed");
            Refused.Open(folder.Root, folder.At("dog"), "there's no permission to list this folder", "chmod");
        }
        finally
        {
            SetMode(folder.At("dog"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Skips_a_file_without_permission()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs();
        string closed = folder.Write("dog/2.png", SampleImages.Png(4, 4, 1));
        SetMode(closed, UnixFileMode.None);
        Assert.SkipUnless(IsClosed(closed), "run as root, to whom no file is closed");
        Assert.Equal(["skipped 1 unreadable file: dog/2.png (no permission to read it)"], Open(folder).Notes);
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("permissions are set otherwise there");
            return;
        }

        File.SetUnixFileMode(path, mode);
    }

    private static bool IsClosed(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.GetFiles(path);
            }
            else
            {
                File.OpenRead(path).Dispose();
            }

            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static void Link(Action make)
    {
        try
        {
            make();
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("this account may not make links");
        }
    }
}
