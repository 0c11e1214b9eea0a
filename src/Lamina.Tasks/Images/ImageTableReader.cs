using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Tables;

namespace Lamina.Tasks.Images;

/// <summary>Reads images that a table names, with what they show in its other columns.</summary>
internal static class ImageTableReader
{
    private const int LookedRows = 200, MostRows = 20_000_000;

    /// <summary>What a table may be, for messages.</summary>
    internal const string Expected = "a table with a column of image files, as paths relative to it, and a column of classes, labels or numbers";

    /// <summary>Whether a file is a table that names images which are there, with the column's name; null where not.</summary>
    internal static string? ColumnIn(string path)
    {
        RowSource source = RowSources.Open(path);
        var finder = new ImageFinder(FolderOf(path), default);
        TableSurvey survey = TableSurvey.Of(source, most: LookedRows);
        return ImageColumns.ImageColumn(survey, null) is { } column && column.Values.Keys.Take(20).Any(v => finder.Find(v).Problem is null)
            ? column.Name : null;
    }

    /// <summary>Reads all parts.</summary>
    /// <exception cref="DataException">The table or its images can't be used.</exception>
    internal static LabeledImages Read(string path, ImageReadOptions options, IProgress<ImageProgress>? progress, CancellationToken cancel)
    {
        var notes = new List<string>();
        RowSource source = RowSources.Open(path);
        notes.AddRange(source.Notes);
        var files = new Files(cancel);
        ImageColumns columns = ImageColumns.Of(TableSurvey.Of(source), options.Targets, files.FinderOf(path));
        notes.Add(columns.Reason);
        Rows train = Rows.Read(source, columns, options.Targets.Group, files, notes);
        Rows? Own(string? own) => own is null ? null : Rows.Read(RowSources.Open(own), columns, null, files, notes);
        Rows? validation = Own(options.Targets.Validation), test = Own(options.Targets.Test);
        NoteCommon(path, train, [validation, test], notes);
        Rows[] all = [.. new[] { train, validation, test }.OfType<Rows>()];
        ImageTargets targets = Targets(all, columns, train, notes);
        List<LabelledFile>? Listed(Rows? rows) => rows is null ? null
            : [.. rows.Files.Select(file => new LabelledFile(file, targets.Kind == TargetKind.Classes ? (int)targets.Values[file] : 0))];
        var layout = new ClassLayout(targets.Names, Listed(train)!, Listed(validation), Listed(test), notes)
        {
            Targets = targets.Kind == TargetKind.Classes ? null : targets,
            Groups = options.Targets.Group is null ? null : [.. all.SelectMany(r => r.Groups)],
        };
        using ListedImages tree = files.Tree(path);
        return ClassFolderReader.Read(tree, layout, options, progress, cancel) with { Columns = columns };
    }

    /// <summary>Reads the images of a test, with the columns that a run was trained on.</summary>
    /// <exception cref="DataException">The table or its images can't be used, or it has classes that the network doesn't know.</exception>
    internal static TestImages ReadTest(string path, KnownTargets known, ImageReadOptions options, IProgress<ImageProgress>? progress,
        CancellationToken cancel)
    {
        var notes = new List<string>();
        var files = new Files(cancel);
        RowSource source = RowSources.Open(path);
        TargetOptions wanted = options.Targets with { Kind = known.Kind, Group = null };
        ImageColumns columns = ImageColumns.Of(TableSurvey.Of(source), wanted, files.FinderOf(path));
        Rows rows = Rows.Read(source, columns, null, files, notes);
        ImageTargets targets = Targets([rows], columns, rows, notes, known.Names);
        var layout = new ClassLayout(targets.Names,
            [.. rows.Files.Select(file => new LabelledFile(file, targets.Kind == TargetKind.Classes ? (int)targets.Values[file] : 0))], null, null,
            notes)
        {
            Targets = targets.Kind == TargetKind.Classes ? null : targets,
        };
        using ListedImages tree = files.Tree(path);
        (ImageSet set, IReadOnlyList<string> all) = ClassFolderReader.ReadTest(tree, layout, options, progress, cancel);
        return new(set, "all of it", all);
    }

    /// <summary>The files that a table names, in its order, for predictions; those that aren't there keep their path.</summary>
    internal static IReadOnlyList<string> FilesIn(string path, string? imageColumn, CancellationToken cancel)
    {
        RowSource source = RowSources.Open(path);
        var finder = new ImageFinder(FolderOf(path), cancel);
        TableSurvey survey = TableSurvey.Of(source, most: LookedRows);
        bool isNamed = imageColumn is not null && source.Columns.Contains(imageColumn);
        ColumnSurvey column = isNamed ? survey.Find(imageColumn!) : ImageColumns.ImageColumn(survey, finder)
            ?? throw new DataException(path, $"has no column of image files: {Wording.Names([.. source.Columns])}", Expected);
        int place = TableSurvey.ColumnOf(source, column.Name);
        var files = new List<string>();
        using RowReader rows = source.Open();
        while (rows.Read() && files.Count < MostRows) files.Add(finder.Find(rows[place].ToString()).Path);
        return files;
    }

    private static string FolderOf(string table) => Path.GetDirectoryName(table) ?? "";

    private static void NoteCommon(string path, Rows train, Rows?[] others, List<string> notes)
    {
        foreach (Rows other in others.OfType<Rows>())
        {
            int common = other.Paths.Count(train.Paths.Contains);
            if (common > 0) notes.Add($"{Wording.Count(common, "image")} of {other.Place} {(common == 1 ? "is" : "are")} in {path} too: the result "
                + $"looks better than it is");
        }
    }

    // The targets of all files of all parts, in the order of the files.
    private static ImageTargets Targets(Rows[] all, ImageColumns columns, Rows train, List<string> notes, IReadOnlyList<string>? known = null)
    {
        if (columns.Kind == TargetKind.Numbers)
        {
            if (known is not null && known.Count != columns.Targets.Count)
                throw new DataException(train.Place, $"has {columns.Targets.Count} numbers, where the network has {known.Count}",
                "the columns that it was trained on");
            return new(TargetKind.Numbers, columns.Targets, [.. all.SelectMany(r => r.Numbers)]);
        }
        if (columns is { Kind: TargetKind.Classes, Separator: null, Targets: [_] })
        {
            IReadOnlyList<string> classes = known ?? ClassNames(train.Cells.Select(c => c[0]), columns.Mark);
            return new(TargetKind.Classes, classes,
                [.. all.SelectMany(r => r.ClassesOf(classes, columns.Mark, known is null ? null : "the network"))]);
        }
        IReadOnlyList<string> labels = known
            ?? (columns.Separator is null ? columns.Targets : [.. train.Cells.SelectMany(c => c).Distinct().Order(StringComparer.Ordinal)]);
        if (labels.Count == 0) throw new DataException(train.Place, $"has no label in '{columns.Targets[0]}'", "another target");
        var targets = new ImageTargets(TargetKind.Labels, labels, [.. all.SelectMany(r => r.LabelsOf(labels, columns))]);
        if (columns.Kind == TargetKind.Labels && known is null && columns.Separator is null && targets.IsOneHot)
        {
            notes.Add($"every image has exactly one of the {labels.Count} labels, so they are taken as classes");
            return targets.ToClasses();
        }
        if (columns.Kind != TargetKind.Classes) return targets;
        return targets.IsOneHot ? targets.ToClasses()
            : throw new DataException(train.Place, "has images with none or several of the columns at 1, which are no classes",
            "leaving it to be taken as labels");
    }

    // In the order of numbers where they are, so that class 2 comes before class 10; 1 and 1.0 are one class.
    private static string[] ClassNames(IEnumerable<string> cells, DecimalMark mark)
    {
        string[] names = [.. cells.Distinct()];
        double ValueOf(string name) => Cell.TryNumber(name, mark, out double value) ? value : double.NaN;
        return names.All(n => double.IsFinite(ValueOf(n)))
            ? [.. names.GroupBy(ValueOf).OrderBy(g => g.Key).Select(g => g.MinBy(n => n.Length)!)]
            : [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>The files of all parts, numbered from 0.</summary>
    private sealed class Files(CancellationToken cancel)
    {
        private readonly List<string> _names = [], _paths = [];
        private readonly List<string?> _problems = [];
        private readonly Dictionary<string, ImageFinder> _finders = [];

        public ImageFinder FinderOf(string table)
        {
            string folder = FolderOf(table);
            return _finders.TryGetValue(folder, out ImageFinder? known) ? known : _finders[folder] = new(folder, cancel);
        }

        public int Add(string name, string path, string? problem)
        {
            _names.Add(name);
            _paths.Add(path);
            _problems.Add(problem);
            return _names.Count - 1;
        }

        public ListedImages Tree(string place) => new(_names, _paths, _problems) { Place = place };
    }

    /// <summary>The rows of one table that have a target, each file once.</summary>
    private sealed class Rows
    {
        private readonly string _what;

        private Rows(string place, string what) => (Place, _what) = (place, what);

        public string Place { get; }

        /// <summary>The numbers of the files.</summary>
        public List<int> Files { get; } = [];

        /// <summary>The full paths of the files.</summary>
        public HashSet<string> Paths { get; } = new(StringComparer.Ordinal);

        /// <summary>Of classes the class, of labels in one cell the labels, of labels in columns one text of 0 and 1.</summary>
        public List<string[]> Cells { get; } = [];

        public List<double> Numbers { get; } = [];

        public List<string> Groups { get; } = [];

        public static Rows Read(RowSource source, ImageColumns columns, string? group, Files files, List<string> notes)
        {
            var rows = new Rows(source.Name, columns.Targets[0]);
            int image = TableSurvey.NamedIn(source, columns.Image);
            int[] targets = [.. columns.Targets.Select(t => TableSurvey.NamedIn(source, t))];
            int? apart = group is null ? null : TableSurvey.ColumnOf(source, group);
            ImageFinder finder = files.FinderOf(source.Name);
            var seen = new Dictionary<string, (long Row, string Target)>(StringComparer.Ordinal);
            int doubled = 0, left = 0;
            string? firstLeft = null;
            using RowReader reader = source.Open();
            while (reader.Read())
            {
                if (reader.Row > MostRows) throw new DataException(source.Name, $"has more than {MostRows:N0} rows",
                    "a table with a row for each image");
                string name = reader[image].ToString();
                string? problem = name.Length == 0 ? $"row {reader.Row} has no image" : rows.Take(reader, targets, columns);
                if (problem is not null)
                {
                    left++;
                    firstLeft ??= problem;
                    continue;
                }
                string text = string.Join('\t', targets.Select(t => reader[t].ToString()));
                (string path, string? missing) = finder.Find(name);
                if (!seen.TryAdd(Path.GetFullPath(path), (reader.Row, text)))
                {
                    (long row, string other) = seen[Path.GetFullPath(path)];
                    if (other != text)
                        throw new DataException(source.Name,
                            $"has '{name}' in row {row} as '{Short(other)}' and in row {reader.Row} as '{Short(text)}'",
                            "one row for each image; several labels of an image in one cell, with | between them");
                    rows.Undo(columns);
                    doubled++;
                    continue;
                }
                rows.Files.Add(files.Add(name, path, missing));
                rows.Paths.Add(Path.GetFullPath(path));
                if (apart is { } column) rows.Groups.Add(reader[column].ToString());
                else rows.Groups.Add("");
            }
            if (rows.Files.Count == 0) throw new DataException(source.Name, firstLeft is null ? "has no rows"
                : $"has no row that can be used: {firstLeft}", Expected);
            if (left > 0) notes.Add($"left out {Wording.Count(left, "row")}: {firstLeft}{(left > 1 ? ", and others" : "")}");
            if (doubled > 0) notes.Add($"{Wording.Count(doubled, "row")} of {source.Name} {(doubled == 1 ? "names" : "name")} an image that "
                + $"another names too; each is taken once");
            return rows;
        }

        public IEnumerable<double> ClassesOf(IReadOnlyList<string> classes, DecimalMark mark, string? network)
        {
            var places = new Dictionary<string, int>(StringComparer.Ordinal);
            var byValue = new Dictionary<double, int>();
            for (int i = 0; i < classes.Count; i++)
            {
                places[classes[i]] = i;
                if (Cell.TryNumber(classes[i], mark, out double value)) byValue.TryAdd(value, i);
            }
            foreach (string[] cell in Cells)
            {
                yield return places.TryGetValue(cell[0], out int place) || Cell.TryNumber(cell[0], mark, out double value)
                    && byValue.TryGetValue(value, out place) ? place
                    : throw new DataException(Place,
                        $"has the class '{Short(cell[0])}', which {network ?? "the training images"} don't have: "
                            + $"{Wording.Names([.. classes])}".Replace("the network don't", "the network doesn't", StringComparison.Ordinal),
                        NearName.Find(cell[0], classes) is { } near ? $"'{near}'" : "images of the known classes only");
            }
        }

        public IEnumerable<double> LabelsOf(IReadOnlyList<string> labels, ImageColumns columns)
        {
            var places = new Dictionary<string, int>(StringComparer.Ordinal);
            for (int i = 0; i < labels.Count; i++) places[labels[i]] = i;
            foreach (string[] cells in Cells)
            {
                var row = new double[labels.Count];
                foreach (string label in cells)
                {
                    if (!places.TryGetValue(label, out int place))
                        throw new DataException(Place,
                            $"has the label '{Short(label)}' in '{_what}', which is not among {Wording.Names([.. labels])}",
                            "images of the known labels only");
                    row[place] = 1;
                }
                foreach (double value in row) yield return value;
            }
        }

        private string? Take(RowReader reader, int[] targets, ImageColumns columns)
        {
            string Where(int i) => string.Create(CultureInfo.InvariantCulture,
                $"row {reader.Row:N0} has {(reader[targets[i]].IsEmpty ? "nothing" : $"'{Short(reader[targets[i]].ToString())}'")} in "
                    + $"'{columns.Targets[i]}'");
            switch (columns)
            {
                case { Kind: TargetKind.Numbers }:
                    var numbers = new double[targets.Length];
                    for (int i = 0; i < targets.Length; i++)
                    {
                        if (Cell.IsMissing(reader[targets[i]]) || !Cell.TryNumber(reader[targets[i]], columns.Mark, out numbers[i])
                            || !float.IsFinite((float)numbers[i])) return $"{Where(i)}, which is no number";
                    }
                    Numbers.AddRange(numbers);
                    return null;
                case { Separator: { } separator }:
                    Cells.Add([.. ImageColumns.LabelsIn(reader[targets[0]].ToString(), separator)]);
                    return null;
                case { Kind: TargetKind.Classes, Targets: [_] }:
                    // "none" may be a class.
                    if (reader[targets[0]].IsEmpty) return Where(0);
                    Cells.Add([reader[targets[0]].ToString()]);
                    return null;
                default:
                    var labels = new List<string>();
                    for (int i = 0; i < targets.Length; i++)
                    {
                        if (ImageColumns.Flag(reader[targets[i]]) is not { } flag) return $"{Where(i)}, which is neither 0 nor 1";
                        if (flag) labels.Add(columns.Targets[i]);
                    }
                    Cells.Add([.. labels]);
                    return null;
            }
        }

        private void Undo(ImageColumns columns)
        {
            if (columns.Kind == TargetKind.Numbers) Numbers.RemoveRange(Numbers.Count - columns.Targets.Count, columns.Targets.Count);
            else Cells.RemoveAt(Cells.Count - 1);
        }

        private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;
    }
}
