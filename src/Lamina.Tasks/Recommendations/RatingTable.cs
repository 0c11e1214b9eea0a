using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lamina.Learning.Ratings;
using Lamina.Tasks.Rows;

namespace Lamina.Tasks.Recommendations;

/// <summary>Which file a rating comes from.</summary>
internal enum RatingFile : byte
{
    /// <summary>The data.</summary>
    Main,
    /// <summary>A file of its own for validation.</summary>
    Validation,
    /// <summary>A file of its own for the test.</summary>
    Test,
}

/// <summary>
/// Ratings in memory, those of a user beside each other and in the order of time: about 25 bytes each. A pair of user and item is there once.
/// </summary>
internal sealed class RatingTable(string source, List<string> notes)
{
    /// <summary>A path, or the name of built-in data.</summary>
    public string Source => source;

    /// <summary>What a person should know of how they were read.</summary>
    public List<string> Notes => notes;

    /// <summary>The users' names, in the order of their first ratings in the file.</summary>
    public List<string> Users { get; } = [];

    /// <summary>The items' names, in the order of their first ratings in the file.</summary>
    public List<string> Items { get; } = [];

    /// <summary>The user of each rating, from 0.</summary>
    public int[] User { get; private set; } = [];

    /// <summary>The item of each rating, from 0.</summary>
    public int[] Item { get; private set; } = [];

    /// <summary>The ratings.</summary>
    public float[] Value { get; private set; } = [];

    /// <summary>The times; null: none, and the order of the file stands for it.</summary>
    public double[]? Time { get; private set; }

    /// <summary>The number of the row in its file, from 1.</summary>
    public int[] Row { get; private set; } = [];

    /// <summary>The file of each rating.</summary>
    public RatingFile[] File { get; private set; } = [];

    /// <summary>Where each user's ratings begin, and the number of all behind the last.</summary>
    public int[] Starts { get; private set; } = [];

    /// <summary>Number of ratings.</summary>
    public int Count { get; private set; }

    /// <summary>A hash of everything in it.</summary>
    public string Hash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (List<string> names in (List<string>[])[Users, Items])
                foreach (string name in names)
                {
                    hash.AppendData(BitConverter.GetBytes(name.Length));
                    hash.AppendData(Encoding.Unicode.GetBytes(name));
                }
            hash.AppendData(MemoryMarshal.AsBytes(User.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(Item.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(Value.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes((Time ?? []).AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(File.AsSpan()));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Takes the ratings that a reader found.</summary>
    /// <param name="read">The ratings, by file.</param>
    public void Take(RatingBuffer read)
    {
        (Users.Capacity, Items.Capacity) = (read.Users.Count, read.Items.Count);
        Users.AddRange(read.Users.Names);
        Items.AddRange(read.Items.Names);
        int[] order = Order(read);
        bool[] isDropped = Doubles(read, order);
        int kept = isDropped.Count(d => !d), at = 0;
        if (kept < order.Length)
            notes.Add($"passed over {Wording.Count(order.Length - kept, "rating")} of a user who rated the same item again: the last one counts");
        (User, Item, Value, Row, File) = (new int[kept], new int[kept], new float[kept], new int[kept], new RatingFile[kept]);
        Time = read.Times is null ? null : new double[kept];
        Starts = new int[Users.Count + 1];
        for (int o = 0; o < order.Length; o++)
        {
            if (isDropped[o]) continue;
            int i = order[o];
            (User[at], Item[at], Value[at], Row[at], File[at]) = (read.User[i], read.Item[i], read.Value[i], read.Row[i], read.File[i]);
            if (Time is not null) Time[at] = read.Times![i];
            Starts[User[at] + 1] = ++at;
        }
        Count = kept;
        for (int user = 0; user < Users.Count; user++) Starts[user + 1] = Math.Max(Starts[user + 1], Starts[user]);
    }

    /// <summary>A place for messages, such as <c>row 17</c>.</summary>
    public string Place(int rating) => string.Create(CultureInfo.InvariantCulture, $"row {Row[rating]:N0}");

    // By user, then by time, then as they stand in the files.
    private static int[] Order(RatingBuffer read)
    {
        int count = read.Count;
        var starts = new int[read.Users.Count + 1];
        for (int i = 0; i < count; i++) starts[read.User[i] + 1]++;
        for (int u = 0; u < read.Users.Count; u++) starts[u + 1] += starts[u];
        var order = new int[count];
        int[] next = starts[..^1];
        for (int i = 0; i < count; i++) order[next[read.User[i]]++] = i;
        if (read.Times is not { } times) return order;
        for (int u = 0; u < read.Users.Count; u++)
            order.AsSpan(starts[u]..starts[u + 1]).Sort((a, b) => times[a] != times[b] ? times[a].CompareTo(times[b]) : a.CompareTo(b));
        return order;
    }

    // Of equal pairs that in the file that measures stays, then the latest.
    private static bool[] Doubles(RatingBuffer read, int[] order)
    {
        var isDropped = new bool[order.Length];
        var last = new int[read.Items.Count]; // the place of the item's last rating, plus 1
        int start = 0;
        for (int o = 0; o < order.Length; o++)
        {
            int i = order[o];
            if (o > 0 && read.User[order[o - 1]] != read.User[i]) start = o;
            ref int before = ref last[read.Item[i]];
            if (before > start)
            {
                if (read.File[order[before - 1]] > read.File[i])
                {
                    isDropped[o] = true;
                    continue;
                }
                isDropped[before - 1] = true;
            }
            before = o + 1;
        }
        return isDropped;
    }
}
