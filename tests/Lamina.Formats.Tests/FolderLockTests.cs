namespace Lamina.Formats.Tests;

public class FolderLockTests
{
    [Fact]
    public void One_holder_at_a_time()
    {
        using TestFolder folder = new();
        using (FolderLock held = FolderLock.TryTake(folder["lock"])!)
        {
            Assert.True(FolderLock.IsHeld(folder["lock"]));
            Assert.Null(FolderLock.TryTake(folder["lock"]));
        }
        Assert.False(FolderLock.IsHeld(folder["lock"]));
        // The file stays, and is no obstacle.
        Assert.Equal(["lock"], folder.Names);
        FolderLock.TryTake(folder["lock"])!.Dispose();
    }

    [Fact]
    public void Of_many_who_ask_at_once_one_gets_it()
    {
        using TestFolder folder = new();
        FolderLock?[] taken = new FolderLock?[12];
        Parallel.For(0, taken.Length, i => taken[i] = FolderLock.TryTake(folder["lock"]));
        FolderLock held = Assert.Single(taken.OfType<FolderLock>());
        held.Remove();
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void What_is_removed_is_held_by_nobody()
    {
        using TestFolder folder = new();
        FolderLock.TryTake(folder["lock"])!.Remove();
        Assert.Empty(folder.Names);
        Assert.False(FolderLock.IsHeld(folder["lock"]));
        using FolderLock? again = FolderLock.TryTake(folder["lock"]);
        Assert.NotNull(again);
    }

    [Fact]
    public void A_lock_that_comes_and_goes_is_never_held_twice()
    {
        using TestFolder folder = new();
        int inside = 0, most = 0, taken = 0;
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            if (FolderLock.TryTake(folder["lock"]) is not { } held) return;
            int now = Interlocked.Increment(ref inside);
            if (now > 1) Interlocked.Exchange(ref most, now);
            Interlocked.Increment(ref taken);
            Interlocked.Decrement(ref inside);
            if (i % 2 == 0) held.Remove();
            else held.Dispose();
        });
        Assert.Equal(0, most);
        Assert.True(taken > 0);
    }

    [Fact]
    public void A_file_with_something_in_it_can_be_held_too()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["lock"], "left by an editor");
        using FolderLock? held = FolderLock.TryTake(folder["lock"]);
        Assert.NotNull(held);
    }

    [Fact]
    public void A_missing_folder_is_an_error_and_no_refusal()
    {
        using TestFolder folder = new();
        Assert.Throws<DirectoryNotFoundException>(() => FolderLock.TryTake(folder["no/lock"]));
        Assert.False(FolderLock.IsHeld(folder["no/lock"]));
    }

    [Fact]
    public void A_folder_that_is_deleted_is_gone_at_once_and_what_a_kill_leaves_of_it_is_cleaned()
    {
        using TestFolder folder = new();
        Directory.CreateDirectory(folder["a/b"]);
        File.WriteAllText(folder["a/b/c"], "c");
        AtomicFolder.Delete(folder["a"]);
        Assert.Empty(folder.Names);

        Directory.CreateDirectory(folder["a"]);
        var steps = new List<string>();
        DiskStep.Before = (what, path) =>
        {
            if (!path.StartsWith(folder.Path, StringComparison.Ordinal)) return; // another test's
            steps.Add(what);
            if (what == "delete") throw new InvalidOperationException("killed here");
        };
        try
        {
            Assert.Throws<InvalidOperationException>(() => AtomicFolder.Delete(folder["a"]));
        }
        finally
        {
            DiskStep.Before = null;
        }
        Assert.Contains("rename", steps);
        Assert.True(AtomicFolder.IsTemporary(Assert.Single(folder.Names)));
        AtomicFolder.Clean(folder[""]);
        Assert.Empty(folder.Names);
    }
}
