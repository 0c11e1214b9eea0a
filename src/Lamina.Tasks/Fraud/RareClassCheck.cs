using System.Globalization;
using Lamina.Tasks.Rows;
using Lamina.Tasks.Spine;
using Lamina.Tasks.Tables;

namespace Lamina.Tasks.Fraud;

/// <summary>Whether a column has two values, one of them rare.</summary>
internal static class RareClassCheck
{
    private const int FirstRows = 1_000, MostRows = 50_000, FewestRare = 3;

    /// <summary>Refuses a target that hasn't two classes.</summary>
    /// <exception cref="DataException">It has more.</exception>
    public static void Require(TableSurvey survey, TargetChoice target)
    {
        // A column that is named as the target but holds one value was passed over for another.
        ColumnSurvey column = target.Columns[0];
        if (ClassesOf(column).Length != 2) column = survey.Columns.FirstOrDefault(c => c.HasOneValue && TargetChoice.IsNamedAsTarget(c)) ?? column;
        if (target.Columns.Count > 1) throw new DataException(survey.Source.Name, "has one column to predict a rare class of, not several",
            "one target");
        int classes = ClassesOf(column).Length;
        if (classes == 2) return;
        throw new DataException(survey.Source.Name, classes == 1
                ? $"column '{column.Name}' has one value in all rows, '{ColumnSurvey.Shown(column.Values.Keys.FirstOrDefault() ?? "")}': none is of a rare class"
                : $"column '{column.Name}' has {(column.HasManyValues ? "very many" : $"{classes:N0}")} classes, such as {Wording.Names([.. column.Values.Keys.Take(3)])}; a rare class is one of two",
            classes == 1 ? "data with some rows of the class" : "--task tables, or another target");
    }

    /// <summary>Why a table is one with a rare class, as a sentence; null where it isn't. Looks at its first 50,000 rows at most.</summary>
    public static string? Look(DataSource data, double mostShare)
    {
        try
        {
            RowSource source = RowSources.Open(data.Path);
            TableSurvey survey = TableSurvey.Of(source, most: FirstRows);
            // A text among the columns speaks for texts.
            if (survey.Columns.Any(c => c.Kind().Kind == ColumnKind.Text)) return null;
            ColumnSurvey[] few = [.. survey.Columns.Where(c => c.Different is 1 or 2)];
            if (few.Length == 0) return null;
            if (survey.Rows == FirstRows) survey = TableSurvey.Of(source, most: MostRows);
            ColumnSurvey target = TargetChoice.Of(survey, null, [], null).Columns[0];
            (string Value, long Count)[] classes = ClassesOf(target);
            if (classes.Length != 2 || classes[0].Count < FewestRare) return null;
            double share = (double)classes[0].Count / (classes[0].Count + classes[1].Count);
            return share > mostShare ? null : string.Create(CultureInfo.InvariantCulture,
                $"{100 * share:0.##} % of the {(survey.Rows < MostRows ? "" : "first ")}{survey.Rows:N0} rows of {data.Path} have '{ColumnSurvey.Shown(classes[0].Value)}' in {target.Name}, a rare class (--task tables for accuracy)");
        }
        catch (DataException)
        {
            return null;
        }
    }

    // The rarer one first; 1 and 1.0 are one class.
    private static (string Value, long Count)[] ClassesOf(ColumnSurvey column)
    {
        if (column.Different > 20) return [.. column.Values.Select(v => (v.Key, v.Value)).Take(column.Different)];
        IEnumerable<(string Value, long Count)> values = column.Values.Select(v => (v.Key, v.Value));
        if (column.Numbers > 0 && column.Numbers == column.Present)
            values = values.GroupBy(v => Learning.Columns.Cell.TryNumber(v.Value, column.Mark, out double x) ? x : 0)
                .Select(g => (g.First().Value, g.Sum(v => v.Count)));
        if (column.Numbers == 0) values = values.Concat(column.MissingWords.Select(w => (w.Key, w.Value)));
        return [.. values.OrderBy(v => v.Count).ThenBy(v => v.Value, StringComparer.Ordinal)];
    }
}
