namespace Lamina.Formats.Tests;

public class AtomicTests
{
    private static void Text(Stream stream, string text)
    {
        using StreamWriter writer = new(stream);
        writer.Write(text);
    }

    [Fact]
    public void A_file_is_made_and_replaced_and_nothing_is_left_beside_it()
    {
        using TestFolder folder = new();
        AtomicFile.Write(folder["a"], s => s.Write([1, 2, 3]));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder["a"]));
        AtomicFile.Write(folder["a"], s => Text(s, "new"));
        Assert.Equal("new", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void The_old_file_stands_until_the_new_one_is_whole()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["a"], "old");
        AtomicFile.Write(folder["a"], s =>
        {
            s.Write(new byte[100_000]);
            Assert.Equal("old", File.ReadAllText(folder["a"]));
        });
        Assert.Equal(100_000, new FileInfo(folder["a"]).Length);
    }

    [Fact]
    public void A_body_that_throws_leaves_the_old_file()
    {
        using TestFolder folder = new();
        File.WriteAllText(folder["a"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(folder["a"], s =>
        {
            s.Write(new byte[100_000]);
            throw new InvalidOperationException();
        }));
        SaveException e = Assert.Throws<SaveException>(() => AtomicFile.Write(folder["a"], s => throw new IOException("the cable fell out.")));
        Assert.Equal($"{folder["a"]} could not be saved: the cable fell out; what was there before is untouched\n  try saving again, or to another folder", e.Message);
        Assert.IsType<IOException>(e.InnerException);
        Assert.Equal("old", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void A_full_disk_is_called_so()
    {
        if (!File.Exists("/dev/full")) Assert.Skip("there is no /dev/full here, the file that behaves like a full disk");
        using TestFolder folder = new();
        File.WriteAllText(folder["a"], "old");
        SaveException e = Assert.Throws<SaveException>(() => AtomicFile.Write(folder["a"], s =>
        {
            s.Write(new byte[10]);
            using FileStream full = new("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            full.Write(new byte[10]);
        }));
        Assert.StartsWith($"{folder["a"]} could not be saved: the disk is full", e.Message);
        Assert.Contains("freeing some space", e.WayOut);
        Assert.Equal("old", File.ReadAllText(folder["a"]));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void A_disk_without_room_is_told_by_its_code_on_Windows_too() =>
        Assert.Equal("the disk is full", SaveException.For("a", new IOException("", unchecked((int)0x80070070))).Cause);

    [Fact]
    public void Missing_folders_and_folders_in_the_way_are_named()
    {
        using TestFolder folder = new();
        Assert.Contains("its folder does not exist", Assert.Throws<SaveException>(() => AtomicFile.Write(Path.Combine(folder["no"], "a"), s => { })).Message);
        Directory.CreateDirectory(folder["b"]);
        Assert.Contains("there is a folder of that name", Assert.Throws<SaveException>(() => AtomicFile.Write(folder["b"], s => { })).Message);
        File.WriteAllText(folder["c"], "");
        Assert.Contains("there is a file of that name", Assert.Throws<SaveException>(() => AtomicFolder.Write(folder["c"], s => { })).Message);
        Assert.Equal(["b", "c"], folder.Names);
    }

    [Fact]
    public void A_read_only_folder_is_named()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess) Assert.Skip("permissions don't bind this user");
        using TestFolder folder = new();
        Directory.CreateDirectory(folder["locked"]);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["locked"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string path = Path.Combine(folder["locked"], "a");
        Assert.Contains("no permission", Assert.Throws<SaveException>(() => AtomicFile.Write(path, s => { })).Message);
        Assert.Contains("no permission", Assert.Throws<SaveException>(() => AtomicFolder.Write(path, s => { })).Message);
    }

    [Fact]
    public void A_folder_is_made_and_replaced()
    {
        using TestFolder folder = new();
        string path = Path.Combine(folder["checkpoints"], "100");
        AtomicFolder.Write(path, at =>
        {
            File.WriteAllText(Path.Combine(at, "model"), "old");
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(at, "inside")).FullName, ".hidden"), "");
            Assert.False(Directory.Exists(path));
        });
        Assert.True(File.Exists(Path.Combine(path, "inside", ".hidden")));
        AtomicFolder.Write(path + Path.DirectorySeparatorChar, at => AtomicFile.Write(Path.Combine(at, "model"), s => Text(s, "new")));
        Assert.Equal([Path.Combine(path, "model")], Directory.GetFileSystemEntries(path));
        Assert.Equal("new", File.ReadAllText(Path.Combine(path, "model")));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder["checkpoints"]));
    }

    [Fact]
    public void A_body_that_throws_leaves_the_old_folder()
    {
        using TestFolder folder = new();
        AtomicFolder.Write(folder["a"], at => File.WriteAllText(Path.Combine(at, "model"), "old"));
        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(folder["a"], at =>
        {
            File.WriteAllText(Path.Combine(at, "model"), "new");
            throw new InvalidOperationException();
        }));
        SaveException e = Assert.Throws<SaveException>(() => AtomicFolder.Write(folder["a"], at => AtomicFile.Write(Path.Combine(at, "no", "model"), s => { })));
        Assert.Equal(folder["a"], e.Path);
        Assert.Equal("old", File.ReadAllText(Path.Combine(folder["a"], "model")));
        Assert.Equal(["a"], folder.Names);
    }

    [Fact]
    public void Clean_takes_away_what_killed_processes_left_and_nothing_else()
    {
        using TestFolder folder = new();
        string[] stay = ["100", "notes.tmp", "x.0123456789ag.tmp", "0123456789ab.tmp", ".0123456789ab.tmp", "x.0123456789ab.tmp.txt"];
        foreach (string name in stay) File.WriteAllText(folder[name], "");
        File.WriteAllText(folder["model.0123456789ab.tmp"], "half");
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder["200.abcdef012345.tmp"]).FullName, "model"), "half");
        // Killed between the two renames: 300 is only there as the one put aside.
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder["300.abcdef012345.old"]).FullName, "model"), "old");
        // Killed before the replaced one was deleted.
        Directory.CreateDirectory(folder["400"]);
        Directory.CreateDirectory(folder["400.abcdef012345.old"]);

        Assert.Equal(["200.abcdef012345.tmp", "300.abcdef012345.old", "400.abcdef012345.old", "model.0123456789ab.tmp"], AtomicFolder.Clean(folder.Path));
        Assert.Equal([.. stay.Append("300").Append("400").Order(StringComparer.Ordinal)], folder.Names);
        Assert.Equal("old", File.ReadAllText(Path.Combine(folder["300"], "model")));
        Assert.Empty(AtomicFolder.Clean(folder.Path));
        Assert.Empty(AtomicFolder.Clean(folder["no"]));
    }
}
