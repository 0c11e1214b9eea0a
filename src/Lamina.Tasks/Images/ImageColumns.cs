using System.Text.RegularExpressions;
using Lamina.Learning.Columns;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Tables;

namespace Lamina.Tasks.Images;

/// <summary>Which columns of a table name the image and say what it shows, and how they are read.</summary>
/// <param name="Image">The column of file names.</param>
/// <param name="Targets">The columns of what is predicted.</param>
/// <param name="Kind">What is predicted.</param>
/// <param name="Separator">What stands between the labels of a cell; null where each label has a column, or there are no labels.</param>
/// <param name="Mark">The decimal mark of numbers.</param>
/// <param name="Reason">Why, as a sentence.</param>
internal sealed partial record ImageColumns(
    string Image, IReadOnlyList<string> Targets, TargetKind Kind, char? Separator, DecimalMark Mark, string Reason)
{
    private const double Nearly = 0.9;
    private const int LookedValues = 500, MostColumns = 60, MostClasses = 10_000;

    private static readonly char[] s_separators = ['|', ';', ','];

    /// <summary>The column of file names.</summary>
    /// <param name="survey">The table, or its beginning.</param>
    /// <param name="finder">Finds files, where names have no ending; null: only names that end as images do are taken.</param>
    /// <returns>Null where no column names images.</returns>
    internal static ColumnSurvey? ImageColumn(TableSurvey survey, ImageFinder? finder)
    {
        ColumnSurvey[] found = [.. survey.Columns.Where(c => c.Present > 0 && Share(c, v => ImageFinder.IsImageName(v)) >= Nearly)];
        if (found.Length == 0 && finder is not null) found =
            [.. survey.Columns.Where(c => c.Present > 0 && Share(c, v => finder.Near(v) is not null) >= Nearly)];
        return found.FirstOrDefault(c => ImageName().IsMatch(c.Name)) ?? found.FirstOrDefault();
    }

    /// <summary>Chooses the columns.</summary>
    /// <exception cref="DataException">There is no column of images, or none to predict.</exception>
    internal static ImageColumns Of(TableSurvey survey, TargetOptions options, ImageFinder finder)
    {
        string place = survey.Source.Name;
        ColumnSurvey image = options.Image is { } given ? survey.Find(given) : ImageColumn(survey, finder)
            ?? throw new DataException(place, $"has no column of image files: {Wording.Names([.. survey.Source.Columns])}",
                survey.Columns.Count > MostColumns ? "writing the images as PNG files, in a folder for each class, if its columns are pixels"
                    : $"a column of paths relative to the table, such as images/1.png; --{ImageTask.Image} names it");
        ColumnSurvey[] apart = [image, .. options.Group is { } group ? [survey.Find(group)] : Array.Empty<ColumnSurvey>()];
        ColumnSurvey[]? named = options.Target is { } target ? [.. NamesIn(survey, target).Select(survey.Find).Distinct()] : null;
        if (named?.FirstOrDefault(apart.Contains) is { } clash)
            throw new TaskException($"column '{clash.Name}' can't be the target, since it is used otherwise", "another column");
        // The one column that is left needs no choice, and is refused for what is wrong with it.
        ColumnSurvey[] rest = [.. survey.Columns.Where(c => !apart.Contains(c) && c.Present > 0)];
        named ??= rest is [_] ? rest : null;
        string from = $"images are named in '{image.Name}'";
        ColumnSurvey[] flags = named ?? [.. survey.Columns.Where(c => !apart.Contains(c)
            && c.Kind().Kind is not (ColumnKind.Empty or ColumnKind.Identifier))];
        // Several columns of 0 and 1: where they were named, or where there is nothing else to predict.
        if (options.Kind != TargetKind.Numbers && flags.Length >= 2 && flags.All(IsFlag))
            return new(image.Name, [.. flags.Select(c => c.Name)], options.Kind ?? TargetKind.Labels, null, DecimalMark.Point,
                $"{from}; {flags.Length} columns of 0 and 1 are labels");
        if (named is null && survey.Columns.Count - apart.Length < 1)
            throw new DataException(place, $"has no column beside '{image.Name}' that could be predicted",
                "a table with a column of classes or numbers");
        return Single(survey, options, image, apart, named, from);
    }

    private static ImageColumns Single(TableSurvey survey, TargetOptions options, ColumnSurvey image, ColumnSurvey[] apart, ColumnSurvey[]? named,
        string from)
    {
        ColumnSurvey first = named?[0] ?? LikelyLabels(survey, apart) ?? TargetChoice.Of(survey, null, apart, null).Columns[0];
        if (named is null or [_])
        {
            char? separator = options.Separator ?? SeparatorOf(first, options.Kind);
            if (options.Kind == TargetKind.Labels || options.Kind is null && separator is not null)
            {
                // A single label without a separator is a list of one.
                return new(image.Name, [first.Name], TargetKind.Labels, separator ?? '|', DecimalMark.Point,
                    $"{from}; '{first.Name}' holds several labels with {Shown(separator ?? '|')} between them");
            }
        }
        bool? classes = options.Kind switch
        {
            TargetKind.Classes => true,
            TargetKind.Numbers => false,
            _ => named is null or [_] && first.IsInteger && first.Numbers == first.Present && ClassName().IsMatch(first.Name)
                && first.Different <= MostClasses ? true : null,
        };
        TargetChoice choice = TargetChoice.Of(survey, named is null ? [first.Name] : [.. named.Select(c => c.Name)], apart, classes);
        string what = choice.Reason is { } reason ? reason : $"'{first.Name}' is {(choice.IsClasses ? "the class" : "the number")}";
        return new(image.Name, [.. choice.Columns.Select(c => c.Name)], choice.IsClasses ? TargetKind.Classes : TargetKind.Numbers, null,
            choice.Columns[0].Mark, $"{from}; {what}");
    }

    /// <summary>The labels of a cell.</summary>
    internal static IEnumerable<string> LabelsIn(string cell, char separator) =>
        Cell.IsMissing(cell) ? [] : cell.Split(separator == ' ' ? null : [separator],
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct();

    /// <summary>Whether a cell of 0 and 1 says yes; null where it is neither.</summary>
    internal static bool? Flag(ReadOnlySpan<char> cell) => cell switch
    {
        "1" or "1.0" => true,
        "0" or "0.0" or "-1" or "-1.0" => false, // CelebA has −1 for no
        _ => cell.Equals("true", StringComparison.OrdinalIgnoreCase) || cell.Equals("yes", StringComparison.OrdinalIgnoreCase) ? true
            : cell.Equals("false", StringComparison.OrdinalIgnoreCase) || cell.Equals("no", StringComparison.OrdinalIgnoreCase) ? false : null,
    };

    private static string[] NamesIn(TableSurvey survey, string list) =>
        survey.Columns.Any(c => c.Name == list) ? [list] : list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsFlag(ColumnSurvey column) => column.Present > 0 && !column.HasManyValues && column.Different <= 4
        && column.Values.Keys.All(v => Flag(v) is not null);

    // A column that is named as one of several labels, where there is no other whose name is that of a target.
    private static ColumnSurvey? LikelyLabels(TableSurvey survey, ColumnSurvey[] apart)
    {
        ColumnSurvey[] found = [.. survey.Columns.Where(c => !apart.Contains(c) && c.Present > 0 && PluralName().IsMatch(c.Name))];
        return found.Length == 1 && SeparatorOf(found[0], null) is not null ? found[0] : null;
    }

    private static char? SeparatorOf(ColumnSurvey column, TargetKind? kind)
    {
        if (kind is TargetKind.Classes or TargetKind.Numbers || kind is null && column.Numbers == column.Present || column.HasManyValues) return null;
        bool isPlural = kind == TargetKind.Labels || PluralName().IsMatch(column.Name);
        foreach (char separator in s_separators)
            if (column.Values.Keys.Any(v => v.Contains(separator)) && (isPlural || IsShared(column, separator))) return separator;
        return isPlural && column.Values.Keys.Any(v => v.Contains(' ')) && IsShared(column, ' ') ? ' ' : null;
    }

    // Labels come in different company: there are fewer of them than different cells.
    private static bool IsShared(ColumnSurvey column, char separator)
    {
        string[] parts = [.. column.Values.Keys.SelectMany(v => LabelsIn(v, separator))];
        int different = parts.Distinct().Count();
        return different < column.Different || different <= column.Different && parts.Length > column.Different + 1 && parts.Length > different;
    }

    private static double Share(ColumnSurvey column, Func<string, bool> fits)
    {
        string[] values = [.. column.Values.Keys.Take(LookedValues)];
        return values.Length == 0 ? 0 : (double)values.Count(fits) / values.Length;
    }

    private static string Shown(char separator) => separator == ' ' ? "blanks" : $"'{separator}'";

    [GeneratedRegex("image|img|file|path|photo|picture", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ImageName();

    [GeneratedRegex("class|label|categor|species|breed|diagnosis|kind|type", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ClassName();

    [GeneratedRegex("(^|[^a-z])(labels|tags|genres?|genres|findings|finding labels|attributes|categories|classes|keywords)([^a-z]|$)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PluralName();
}
