using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;

namespace Lamina.Tasks.Recommendations;

/// <summary>Which columns of a table hold users, items, ratings and times.</summary>
/// <param name="User">The name of the column of users.</param>
/// <param name="Item">The name of the column of items.</param>
/// <param name="Rating">The name of the column of ratings.</param>
/// <param name="Time">The name of the column of times; null: none.</param>
/// <param name="Reason">Why these, as a sentence.</param>
internal sealed record RatingColumns(string User, string Item, string Rating, string? Time, string Reason)
{
    private const int Looked = 5_000, MostColumns = 6;

    private static readonly string[] s_users = ["user", "userid", "uid", "username", "customer", "customerid", "reviewer", "reviewerid", "member",
        "memberid", "person", "account", "visitor", "visitorid", "client", "clientid", "reader", "subscriber"],
        s_items = ["item", "itemid", "iid", "movie", "movieid", "film", "filmid", "title", "book", "bookid", "isbn", "asin", "product", "productid",
            "parentasin",
            "song", "songid", "track", "trackid", "artist", "artistid", "business", "businessid", "game", "gameid", "app", "appid", "recipe",
                "recipeid",
            "article", "articleid", "anime", "animeid", "joke", "jokeid", "beer", "beerid", "place", "placeid", "restaurant", "placename", "sku",
                "course", "wine"],
        s_ratings = ["rating", "ratings", "score", "stars", "star", "bookrating", "userrating", "preference", "grade", "overall", "vote", "votes",
            "opinion"],
        s_times = ["timestamp", "time", "date", "datetime", "unixreviewtime", "reviewtime", "reviewdate", "created", "createdat", "when", "ratedat",
            "day", "ts",
            "tstamp"];

    /// <summary>Finds them by names and by a look at the first rows; what a person named is taken.</summary>
    /// <exception cref="DataException">A named column isn't there, or none fits.</exception>
    public static RatingColumns Of(RowSource rows, string? user, string? item, string? rating, string? time)
    {
        Look[] looks = Look.Of(rows, Looked);
        string? Given(string? name) => name is null ? null : looks[TableColumn(rows, name)].Name;
        (user, item, rating, time) = (Given(user), Given(item), Given(rating), Given(time));
        string[] named = [.. new[] { user, item, rating, time }.OfType<string>()];
        if (named.Distinct().Count() < named.Length) throw new DataException(rows.Name,
            "would have two of user, item, rating and time in one column", "four different columns");
        var left = looks.Where(l => !named.Contains(l.Name)).ToList();
        string? Take(Look? look)
        {
            if (look is not null) left.Remove(look);
            return look?.Name;
        }
        user ??= Take(left.FirstOrDefault(l => Is(l, s_users)));
        item ??= Take(left.FirstOrDefault(l => Is(l, s_items) && l.IsId));
        rating ??= Take(left.FirstOrDefault(l => Is(l, s_ratings) && l.IsNumber));
        time ??= Take(left.FirstOrDefault(l => Is(l, s_times) && l.IsTime)) ?? Take(left.FirstOrDefault(l => l.IsTime));
        // Without names: ratings have the fewest different values, and users stand before items.
        rating ??= Take(left.Where(l => l.IsRating).MinBy(l => l.Different));
        user ??= Take(left.FirstOrDefault(l => l.IsId));
        item ??= Take(left.FirstOrDefault(l => l.IsId));
        if (user is null || item is null) throw new DataException(rows.Name,
            $"has no two columns of users and items, whose values come again and again, among {Wording.Names(rows.Columns)}",
                "naming them with --user and --item");
        if (rating is null) throw new DataException(rows.Name,
            $"has users in '{user}' and items in '{item}', but no column of ratings: what somebody bought or saw, without saying how good it was, isn't learned",
            "a column of numbers, named with --rating");
        return new(user, item, rating, time,
            $"users in {Shown(user)}, items in {Shown(item)}, ratings in {Shown(rating)}{(time is null ? "; no times" : $", times in {Shown(time)}")}");
    }

    /// <summary>How well a table fits: two columns of identifiers whose pairs differ, and one of ratings on a short scale.</summary>
    public static (double Score, string Reason) Recognize(RowSource rows)
    {
        Look[] looks = Look.Of(rows, Looked);
        if (looks.Length < 3 || looks[0].Rows < 4) return (0, "");
        RatingColumns columns;
        try
        {
            columns = Of(rows, null, null, null, null);
        }
        catch (DataException)
        {
            return (0, "");
        }
        Look Find(string name) => looks.First(l => l.Name == name);
        Look user = Find(columns.User), item = Find(columns.Item), rating = Find(columns.Rating);
        if (!rating.IsRating || !user.IsId || !item.IsId || PairsDiffer(rows, columns) < 0.9) return (0, "");
        int names = (Is(user, s_users) ? 1 : 0) + (Is(item, s_items) ? 1 : 0) + (Is(rating, s_ratings) ? 1 : 0);
        bool comesAgain = Math.Max(user.Again, item.Again) >= 2 && user.Different >= 3 && item.Different >= 3;
        bool isNarrow = looks.Length <= MostColumns && !looks.Any(l => l.IsText);
        bool hasClock = columns.Time is { } t && Find(t).IsClock;
        double score = !comesAgain ? 0.3 : names == 3 ? isNarrow ? 0.95 : 0.65 : !isNarrow ? 0.2 : names == 2 ? 0.85
            : hasClock && looks.Length == 4 ? 0.85 : 0.35;
        return (score, $"{rows.Name} has users in {Shown(columns.User)}, items in {Shown(columns.Item)} and ratings from {rating.Range} in {Shown(columns.Rating)}{(names >= 2 ? ", by their names" : "")}");
    }

    /// <summary>The number of a column: by name, in any case, or by its number from 1.</summary>
    /// <exception cref="DataException">There is none.</exception>
    public static int TableColumn(RowSource rows, string name) => Tables.TableSurvey.ColumnOf(rows, name);

    private static string Shown(string column) => column.All(char.IsAsciiDigit) ? $"column {column}" : $"'{column}'";

    private static bool Is(Look look, string[] names) => names.Contains(new string([.. look.Name.Where(char.IsAsciiLetter)]).ToLowerInvariant());

    // The share of the first rows whose pair of user and item hasn't come before.
    private static double PairsDiffer(RowSource rows, RatingColumns columns)
    {
        int user = TableColumn(rows, columns.User), item = TableColumn(rows, columns.Item), read = 0;
        var pairs = new HashSet<(string, string)>();
        using RowReader reader = rows.Open();
        for (; read < Looked && reader.Read(); read++) pairs.Add((reader[user].ToString(), reader[item].ToString()));
        return read == 0 ? 0 : (double)pairs.Count / read;
    }

    /// <summary>What the first rows have in a column.</summary>
    private sealed class Look(string name)
    {
        private const int MostLevels = 101, Longest = 200;
        private const double MostRange = 1_000, LeastClock = 1e8;

        private readonly HashSet<string> _values = [];
        private readonly HashSet<double> _levels = [];
        private int _filled, _numbers, _fractions, _dates, _blanks;
        private double _least = double.PositiveInfinity, _greatest = double.NegativeInfinity;

        public string Name => name;

        public int Rows { get; private set; }

        public int Different => _values.Count;

        /// <summary>How often a value comes, on the average.</summary>
        public double Again => (double)_filled / Math.Max(1, _values.Count);

        public bool IsNumber => _filled > 0 && _numbers >= 0.9 * _filled;

        /// <summary>Whether it is words, several in a cell, which differ from row to row.</summary>
        public bool IsText => _filled > 0 && _numbers < 0.5 * _filled && (double)_blanks / _filled > 4 && Again < 1.5;

        /// <summary>Whether values could name things: no fractions, no dates.</summary>
        public bool IsId => _filled >= 0.9 * Rows && _fractions == 0 && !IsText && !IsTime;

        public bool IsRating => IsNumber && _levels.Count is >= 2 and <= MostLevels && _greatest - _least <= MostRange && (Again >= 2 || Rows < 50)
            && !IsClock;

        /// <summary>Whether values are seconds or milliseconds since 1970, or dates.</summary>
        public bool IsClock => IsNumber && _least >= LeastClock && _greatest > _least || _dates >= 0.9 * _filled && _filled > 0;

        public bool IsTime => IsClock || Is(this, s_times) && IsNumber;

        public string Range => string.Create(CultureInfo.InvariantCulture, $"{_least:G5} to {_greatest:G5}");

        public static Look[] Of(RowSource rows, int most)
        {
            Look[] looks = [.. rows.Columns.Select(c => new Look(c))];
            using RowReader reader = rows.Open();
            while (reader.Row < most && reader.Read())
                for (int i = 0; i < looks.Length; i++) looks[i].Add(reader[i]);
            return looks;
        }

        private void Add(ReadOnlySpan<char> cell)
        {
            Rows++;
            if (Cell.IsMissing(cell)) return;
            _filled++;
            ReadOnlySpan<char> start = cell[..Math.Min(cell.Length, Longest)];
            _blanks += start.Count(' ');
            _values.Add(start.ToString());
            if (Cell.TryNumber(start, DecimalMark.Point, out double number) || Cell.TryNumber(start, DecimalMark.Comma, out number))
            {
                _numbers++;
                (_least, _greatest) = (Math.Min(_least, number), Math.Max(_greatest, number));
                if (number != Math.Floor(number)) _fractions++;
                if (_levels.Count <= MostLevels) _levels.Add(number);
            }
            else if (DateColumn.TryDays(start, DateOrder.MonthFirst, out _) || DateColumn.TryDays(start, DateOrder.DayFirst, out _)) _dates++;
        }
    }
}
