using System.Text.RegularExpressions;

namespace Lamina.Tasks.Tables;

/// <summary>What is predicted.</summary>
/// <param name="Columns">The columns of the targets: one of classes, or one or more of numbers.</param>
/// <param name="IsClasses">Whether the target is one of some classes.</param>
/// <param name="Reason">Why, as a sentence; null where the column was named and its kind is plain.</param>
internal sealed partial record TargetChoice(IReadOnlyList<ColumnSurvey> Columns, bool IsClasses, string? Reason)
{
    /// <summary>Whole numbers of at most so many different values are classes.</summary>
    private const int MostNumberClasses = 20, MostClasses = 10_000;

    /// <param name="survey">The table.</param>
    /// <param name="named">The names of the targets; null: the likeliest column.</param>
    /// <param name="excluded">Columns that can't be it.</param>
    /// <param name="classes">True: classes; false: numbers; null: by the column.</param>
    /// <exception cref="DataException">The column can't be a target.</exception>
    public static TargetChoice Of(TableSurvey survey, IReadOnlyList<string>? named, IReadOnlyCollection<ColumnSurvey> excluded, bool? classes)
    {
        string source = survey.Source.Name;
        string why = "";
        ColumnSurvey[] columns = named is null ? [Likeliest(survey, excluded, out why)] : [.. named.Select(survey.Find).Distinct()];
        string? reason = named is null ? $"'{columns[0].Name}' is predicted: {why}" : null;
        foreach (ColumnSurvey column in columns)
        {
            if (column.Present == 0) throw new DataException(source, $"column '{column.Name}' has no values to learn", "another target");
            if (column.HasOneValue && (column.MissingWords.Count == 0 || column.Numbers > 0)) throw new DataException(source,
                $"column '{column.Name}' has one value in all rows, '{ColumnSurvey.Shown(column.Values.Keys.FirstOrDefault() ?? "")}': there is nothing to learn",
                "another target");
        }
        if (columns.Length > 1)
        {
            if (classes == true || columns.FirstOrDefault(c => c.Kind().Kind is not (ColumnKind.Number or ColumnKind.Identifier)) is not null)
                throw new DataException(source,
                    $"several targets have to be numbers; '{(columns.FirstOrDefault(c => c.Kind().Kind != ColumnKind.Number) ?? columns[0]).Name}' is predicted as classes", "one run for each target");
            return new(columns, false, reason);
        }
        ColumnSurvey target = columns[0];
        bool isNumber = target.Numbers >= 0.95 * target.Present;
        if (classes == false && !isNumber)
            throw new DataException(source,
                $"column '{target.Name}' holds no numbers but words such as '{ColumnSurvey.Shown(target.NotNumber ?? "")}'",
                    "classes instead of a regression, or another target");
        bool isClasses = classes ?? (!isNumber || target.IsInteger && !target.HasManyValues && target.Different <= MostNumberClasses
            && target.Different <= Math.Max(2, target.Present / 3));
        if (isClasses && (target.HasManyValues || target.Different > MostClasses || classes is null && target.Different > 20
            && target.Different > target.Present / 2))
            throw new DataException(source,
                $"column '{target.Name}' has {(target.HasManyValues ? $"more than {ColumnSurvey.MostValues:N0}" : $"{target.Different:N0}")} different values in {target.Present:N0} rows: too many for classes", isNumber ? "a regression" : "another target");
        if (classes is null && isNumber)
            reason = (reason is null ? $"'{target.Name}':" : reason + ";") + (isClasses
                ? $" its {target.Different} whole numbers are taken as classes" : " its numbers are a regression");
        return new(columns, isClasses, reason);
    }

    private static ColumnSurvey Likeliest(TableSurvey survey, IReadOnlyCollection<ColumnSurvey> excluded, out string why)
    {
        ColumnSurvey? best = null;
        double most = double.NegativeInfinity;
        why = "";
        for (int i = 0; i < survey.Columns.Count; i++)
        {
            ColumnSurvey column = survey.Columns[i];
            ColumnKind kind = column.Kind().Kind;
            string name = column.Name.Trim().ToLowerInvariant();
            if (excluded.Contains(column) || kind is ColumnKind.Empty or ColumnKind.Constant or ColumnKind.Text or ColumnKind.Date) continue;
            if (kind == ColumnKind.Identifier && !(column.Numbers == column.Present && Certain().IsMatch(name))) continue; // a target may ascend
            if (kind == ColumnKind.Category && column.Different > Math.Max(20, column.Present / 5)) continue;
            double byName = Certain().IsMatch(name) ? 3 : Likely().IsMatch(name) ? 1.5 : 0, byPlace = i == survey.Columns.Count - 1 ? 1 : i == 0 ? 0.25 : 0;
            if (byName + byPlace <= most) continue;
            (best, most) = (column, byName + byPlace);
            why = byName > 0 ? "its name says so" : i == survey.Columns.Count - 1 ? "it is the last column" : i == 0
                ? "it is the first column, and later ones can't be it" : "it is the first column that can be";
        }
        return best ?? throw new DataException(survey.Source.Name, "has no column that could be predicted: none of numbers or of a few words",
            "a table with a column to predict");
    }

    /// <summary>Whether a column's name says that it is what is to be predicted.</summary>
    public static bool IsNamedAsTarget(ColumnSurvey column) => Certain().IsMatch(column.Name.Trim().ToLowerInvariant());

    [GeneratedRegex("^(y|target|label|class|outcome|species|diagnosis|survived|churn(ed)?|is_fraud|fraud|spam|default|medv)$")]
    private static partial Regex Certain();

    [GeneratedRegex("(price|value|target|label|class|outcome|result|sales|demand|quality|rating|score)")]
    private static partial Regex Likely();
}
