using System.Buffers.Text;
using System.Text;
using Lamina.Learning.Layers;
using Lamina.Learning.Saving;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Ratings;

/// <summary>
/// Users and items by their names, and what each user has rated: how a pair of a user and an item becomes a row of numbers for a network that
/// knows users by their ratings. A row is <c>[user, item, items (Length), ratings (Length)]</c>: numbers from 1, 0 for an unknown user or item and
/// for padding; ratings less the mean. The pair's own item is left out of the user's ratings, so that nothing tells its rating.
/// </summary>
public sealed partial record UserRatings : RowPreprocessing
{
    private const int MostLength = 1 << 12, MostLevels = 256;

    private readonly Dictionary<string, int> _users, _items;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _userOf, _itemOf;
    private readonly int[] _starts, _ratedItems;
    private readonly byte[] _ratedLevels;

    /// <summary>Users, items and ratings, such as those that were saved.</summary>
    /// <param name="users">The users' names, all different.</param>
    /// <param name="items">The items' names, all different.</param>
    /// <param name="levels">The values that ratings have, ascending, 1 to 256.</param>
    /// <param name="rated">What <see cref="Pack"/> gave.</param>
    /// <param name="length">Number of a user's ratings in a row, 1 to 4,096.</param>
    /// <param name="mean">The mean rating, which is subtracted.</param>
    /// <exception cref="ArgumentException">They don't fit each other.</exception>
    public UserRatings(IReadOnlyList<string> users, IReadOnlyList<string> items, IReadOnlyList<float> levels, string rated, int length, float mean)
    {
        Expect.AtLeast(1, length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MostLength);
        if (levels.Count is < 1 or > MostLevels || !levels.All(float.IsFinite) || levels.Zip(levels.Skip(1)).Any(p => !(p.First < p.Second)))
            throw new ArgumentException("ratings have 1 to 256 values, in ascending order", nameof(levels));
        if (!float.IsFinite(mean)) throw new ArgumentException("the mean is no number", nameof(mean));
        (Users, Items, Levels, Rated, Length, Mean) = (users, items, levels, rated, length, mean);
        (_users, _items) = (Numbers(users, "user"), Numbers(items, "item"));
        (_userOf, _itemOf) = (_users.GetAlternateLookup<ReadOnlySpan<char>>(), _items.GetAlternateLookup<ReadOnlySpan<char>>());
        (_starts, _ratedItems, _ratedLevels) = Unpack(rated, users.Count, items.Count, levels.Count);
    }

    /// <summary>The users' names; the first one's number is 1.</summary>
    public IReadOnlyList<string> Users { get; }

    /// <summary>The items' names; the first one's number is 1.</summary>
    public IReadOnlyList<string> Items { get; }

    /// <summary>The values that ratings have, ascending.</summary>
    public IReadOnlyList<float> Levels { get; }

    /// <summary>What each user has rated, the earliest first, packed into a text.</summary>
    public string Rated { get; }

    /// <summary>Number of a user's ratings in a row, the latest ones.</summary>
    public int Length { get; }

    /// <summary>The mean rating, which is subtracted.</summary>
    public float Mean { get; }

    /// <summary>How many numbers a row has.</summary>
    public int Slots => 2 + 2 * Length;

    /// <summary>The number of a user, from 1; 0 for an unknown one.</summary>
    public int UserOf(ReadOnlySpan<char> name) => Find(name, _users, _userOf);

    /// <summary>The number of an item, from 1; 0 for an unknown one.</summary>
    public int ItemOf(ReadOnlySpan<char> name) => Find(name, _items, _itemOf);

    /// <summary>The numbers of the items that a user has rated, the earliest first; none for user 0.</summary>
    public ReadOnlySpan<int> RatedBy(int user) => user == 0 ? [] : _ratedItems.AsSpan(_starts[user - 1].._starts[user]);

    /// <summary>The ratings of those items.</summary>
    public float[] RatingsBy(int user)
    {
        if (user == 0) return [];
        ReadOnlySpan<byte> own = _ratedLevels.AsSpan(_starts[user - 1].._starts[user]);
        var ratings = new float[own.Length];
        for (int i = 0; i < ratings.Length; i++) ratings[i] = Levels[own[i]];
        return ratings;
    }

    /// <summary>How often each item was rated, and the mean of its ratings (NaN for none), by the item's number less 1.</summary>
    public (int[] Counts, double[] Means) OfItems()
    {
        var counts = new int[Items.Count];
        var sums = new double[Items.Count];
        for (int i = 0; i < _ratedItems.Length; i++)
        {
            counts[_ratedItems[i] - 1]++;
            sums[_ratedItems[i] - 1] += Levels[_ratedLevels[i]];
        }
        return (counts, [.. sums.Select((sum, i) => sum / counts[i])]);
    }

    /// <summary>Writes the row of a pair.</summary>
    /// <param name="user">The user's number, or 0.</param>
    /// <param name="item">The item's number, or 0.</param>
    /// <param name="row">The row's memory, <see cref="Slots"/> numbers.</param>
    public void Encode(int user, int item, Span<float> row)
    {
        row.Clear();
        (row[0], row[1]) = (user, item);
        if (user == 0) return;
        int at = 0;
        for (int i = _starts[user] - 1; i >= _starts[user - 1] && at < Length; i--)
        {
            if (_ratedItems[i] == item) continue;
            row[2 + at] = _ratedItems[i];
            row[2 + Length + at++] = Levels[_ratedLevels[i]] - Mean;
        }
    }

    /// <summary>Writes the row of an item and of somebody who isn't among the users.</summary>
    /// <param name="rated">What was rated: numbers of items, and ratings; the latest last.</param>
    /// <param name="item">The item's number, or 0.</param>
    /// <param name="row">The row's memory, <see cref="Slots"/> numbers.</param>
    public void Encode(IReadOnlyList<(int Item, float Rating)> rated, int item, Span<float> row)
    {
        row.Clear();
        row[1] = item;
        for (int i = rated.Count - 1, at = 0; i >= 0 && at < Length; i--)
        {
            if (rated[i].Item == item) continue;
            row[2 + at] = rated[i].Item;
            row[2 + Length + at++] = rated[i].Rating - Mean;
        }
    }

    /// <summary>Pairs as rows, float32 (pairs, <see cref="Slots"/>).</summary>
    /// <param name="rows">Each a user's and an item's name.</param>
    /// <exception cref="FormatException">A row isn't two texts.</exception>
    public override Tensor Encode(IReadOnlyList<IReadOnlyList<string>> rows) => Tensor.Create<float>(new Shape(rows.Count, Slots), values =>
    {
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows[i].Count != 2) throw new FormatException($"row {i} has {rows[i].Count} values; a row is a user and an item");
            Encode(UserOf(rows[i][0]), ItemOf(rows[i][1]), values.Slice(i * Slots, Slots));
        }
    });

    /// <summary>Packs ratings into a text: a byte for a rating, and one to three for its item.</summary>
    /// <param name="users">Number of users.</param>
    /// <param name="ratings">Gives each user's ratings by the user's number less 1: the items' numbers from 1, and the places of the ratings in
    /// the levels.</param>
    public static string Pack(int users, Func<int, IEnumerable<(int Item, byte Level)>> ratings)
    {
        var bytes = new List<byte>();
        for (int user = 0; user < users; user++)
        {
            (int Item, byte Level)[] own = [.. ratings(user)];
            Add(own.Length);
            foreach ((int item, byte level) in own)
            {
                Add(item - 1);
                bytes.Add(level);
            }
        }
        return Convert.ToBase64String([.. bytes]);

        // LEB128: seven bits a byte, the lowest first.
        void Add(int value)
        {
            for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
            bytes.Add((byte)value);
        }
    }

    private static (int[] Starts, int[] Items, byte[] Levels) Unpack(string rated, int users, int items, int levels)
    {
        byte[] text = Encoding.ASCII.GetBytes(rated), bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        Base64.DecodeFromUtf8(text, bytes, out int read, out int written);
        if (read < text.Length) throw new ArgumentException("the ratings are no base64", nameof(rated));
        var starts = new int[users + 1];
        List<int> ratedItems = [];
        List<byte> ratedLevels = [];
        int at = 0;
        for (int user = 0; user < users; user++)
        {
            int count = Number();
            for (int i = 0; i < count; i++)
            {
                int item = Number();
                if (item >= items || at >= written || bytes[at] >= levels) throw new ArgumentException("the ratings are damaged", nameof(rated));
                ratedItems.Add(item + 1);
                ratedLevels.Add(bytes[at++]);
            }
            starts[user + 1] = ratedItems.Count;
        }
        if (at != written) throw new ArgumentException("the ratings are damaged: there are more than users", nameof(rated));
        return (starts, [.. ratedItems], [.. ratedLevels]);

        int Number()
        {
            int value = 0;
            for (int shift = 0; shift < 28; shift += 7)
            {
                if (at >= written) break;
                byte next = bytes[at++];
                value |= (next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
            throw new ArgumentException("the ratings are damaged", nameof(rated));
        }
    }

    private static int Find(ReadOnlySpan<char> name, Dictionary<string, int> numbers,
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup) =>
        name.Length > IdText.Longest ? numbers.GetValueOrDefault(IdText.Of(name)) : lookup.TryGetValue(name, out int number) ? number : 0;

    private static Dictionary<string, int> Numbers(IReadOnlyList<string> names, string what)
    {
        var numbers = new Dictionary<string, int>(names.Count, StringComparer.Ordinal);
        foreach (string name in names)
            if (!numbers.TryAdd(name, numbers.Count + 1)) throw new ArgumentException($"the {what} '{IdText.Of(name)}' comes twice");
        return numbers;
    }

    /// <inheritdoc/>
    public override string ToString() => $"UserRatings({Users.Count:N0} users, {Items.Count:N0} items, {_ratedItems.Length:N0} ratings)";
}
