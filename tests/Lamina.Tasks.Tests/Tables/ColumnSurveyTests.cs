using System.Globalization;
using Lamina.Learning.Columns;
using Lamina.Tasks.Tables;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>What is seen in a column.</summary>
public sealed class ColumnSurveyTests
{
    private static ColumnSurvey Of(IEnumerable<string> cells, string name = "x")
    {
        var survey = new ColumnSurvey(name);
        foreach (string cell in cells) survey.Add(cell);
        return survey;
    }

    private static IEnumerable<string> Repeated(int count, params string[] cells) => Enumerable.Range(0, count).Select(i => cells[i % cells.Length]);

    [Theory]
    [InlineData(nameof(ColumnKind.Number), "1.5", "-2", "3e4", "+.5")]
    [InlineData(nameof(ColumnKind.Number), "12 %", "7%", "0.5 %")]
    [InlineData(nameof(ColumnKind.Number), "$1,200.50", "-$30.25", "$7")]
    [InlineData(nameof(ColumnKind.Number), "1.234,50 €", "0,75 €", "12 €")]
    [InlineData(nameof(ColumnKind.Number), "1 234 567", "12 000", "7")]
    [InlineData(nameof(ColumnKind.Number), "1\u00A0234,5", "12\u202F000,25", "7,5")]
    [InlineData(nameof(ColumnKind.Number), "1'234.5", "12’000", "7.5")]
    [InlineData(nameof(ColumnKind.Category), "red", "green", "blue")]
    [InlineData(nameof(ColumnKind.Category), "true", "false")]
    [InlineData(nameof(ColumnKind.Category), "1-2", "3-4", "5+")]
    [InlineData(nameof(ColumnKind.Category), "10.0.0.1", "10.0.0.2")]
    [InlineData(nameof(ColumnKind.Date), "2024-03-31", "2023-01-02", "2022-12-24 18:30")]
    [InlineData(nameof(ColumnKind.Date), "31.3.2024", "2.1.2023", "24.12.2022")]
    [InlineData(nameof(ColumnKind.Date), "31/3/2024", "2/1/2023", "24/12/2022")]
    [InlineData(nameof(ColumnKind.Date), "3/31/2024", "1/2/2023", "12/24/2022")]
    [InlineData(nameof(ColumnKind.Date), "Mar 31, 2024", "2 January 2023", "24-Dec-2022")]
    [InlineData(nameof(ColumnKind.Date), "2024-03-31", "31.3.2024", "March 31, 2024")]
    [InlineData(nameof(ColumnKind.Constant), "same")]
    [InlineData(nameof(ColumnKind.Empty), "", "NA", "n/a", "NaN", "null", "None", "?", "-", "missing", "#N/A")]
    public void A_column_has_a_kind(string kind, params string[] cells) => Assert.Equal(kind, Of(Repeated(60, cells)).Kind().Kind.ToString());

    [Fact]
    public void What_tells_rows_apart_is_an_identifier()
    {
        static ColumnKind Kind(Func<int, string> cell, int count = 100, string name = "x") => Of(Enumerable.Range(0, count).Select(cell), name).Kind().Kind;
        Assert.Equal(ColumnKind.Identifier, Kind(i => $"{i + 1}"));
        Assert.Equal(ColumnKind.Identifier, Kind(i => $"u-{i:x8}"));
        Assert.Equal(ColumnKind.Identifier, Kind(i => $"{i * 7919 % 10_007}", name: "customer_id"));
        Assert.Equal(ColumnKind.Number, Kind(i => $"{i * 7919 % 10_007}"));
        Assert.Equal(ColumnKind.Number, Kind(i => $"{i}.5"));
        Assert.Equal(ColumnKind.Category, Kind(i => $"u-{i}", count: 12)); // too few to tell
        Assert.Equal("its whole numbers number the rows", Of(Enumerable.Range(0, 30).Select(i => $"{i}")).Kind().Reason);
    }

    [Fact]
    public void Texts_are_many_different_ones_of_some_words()
    {
        Assert.Equal(ColumnKind.Text, Of(Enumerable.Range(0, 50).Select(i => $"the answer to question {i} was given")).Kind().Kind);
        Assert.Equal(ColumnKind.Text, Of(Enumerable.Range(0, 50).Select(i => $"这是第{i}个问题的答案")).Kind().Kind);
        Assert.Equal(ColumnKind.Text, Of(Enumerable.Range(0, 50).Select(i => $"ответ на вопрос номер {i}")).Kind().Kind);
        Assert.Equal(ColumnKind.Category, Of(Repeated(50, "to be renovated soon", "as good as new", "in a poor state")).Kind().Kind);
    }

    [Theory]
    [InlineData(100_000, 200_001, ColumnKind.Category)] // each about twice: too many to tell all apart, but no identifier
    [InlineData(150_000, 450_000, ColumnKind.Category)]
    [InlineData(150_000, 150_000, ColumnKind.Identifier)]
    internal void Very_many_values_are_categories_where_they_come_again(int values, int rows, ColumnKind kind)
    {
        ColumnSurvey survey = Of(Enumerable.Range(0,
            rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"c{(long)i * 7919 % rows * values / rows:x}")));
        Assert.Equal(kind, survey.Kind().Kind);
        Assert.Equal(Math.Min(values, ColumnSurvey.MostValues), survey.Different);
        Assert.Equal(values > ColumnSurvey.MostValues ? 0 : values, survey.Values.Count); // bounded memory
    }

    [Fact]
    public void Marks_counts_and_infinities_are_seen()
    {
        ColumnSurvey commas = Of(["1,5", "1.234,5", "2,25", "1,234", "", "NA"]);
        Assert.Equal((DecimalMark.Comma, 4, 2, 6), (commas.Mark, (int)commas.Numbers, (int)commas.Missing, (int)commas.Rows));
        Assert.Equal(DecimalMark.Point, Of(["1,234", "12,345", "1,234,567.5"]).Mark);
        Assert.Equal(DecimalMark.Point, Of(["1,234", "12,345"]).Mark); // either; English thousands are the usual ones
        Assert.Equal(DecimalMark.Comma, Of(["0,125", "0,250"]).Mark);
        Assert.Equal(DecimalMark.Comma, Of(["1234,567", "2234,125"]).Mark);
        ColumnSurvey infinite = Of(["1.5", "inf", "-Infinity", "1e999", .. Enumerable.Repeat("2.5", 60)]);
        Assert.Equal((3, ColumnKind.Number), ((int)infinite.Infinite, infinite.Kind().Kind));
        Assert.True(Of(["1", "2", "1.0"]).IsInteger);
        Assert.False(Of(["1", "2.5"]).IsInteger);
        Assert.True(Of(["1/2/2024", "3/4/2024"]).HasAmbiguousDates);
        Assert.False(Of(["1/2/2024", "31/4/2024", "31/3/2024"]).HasAmbiguousDates);
        Assert.Equal(DateOrder.DayFirst, Of(["1/2/2024", "31/3/2024"]).Order);
        Assert.False(Of(["2024-01-02", "2024-01-03"]).HasAmbiguousDates);
    }

    [Fact]
    public void A_word_for_missing_leaves_a_column_of_numbers()
    {
        static string Cell(int i) => i % 4 == 0 ? "unknown" : string.Create(CultureInfo.InvariantCulture, $"{i * 37 % 101 / 8.0}");
        ColumnSurvey survey = Of(Enumerable.Range(0, 200).Select(Cell));
        Assert.Equal((ColumnKind.Number, "unknown"), (survey.Kind().Kind, survey.NotNumber));
        // Words of their own, or few numbers, are categories.
        Assert.Equal(ColumnKind.Category, Of(Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? $"s{i % 16}" : $"{i % 40}")).Kind().Kind);
        Assert.Equal(ColumnKind.Category, Of(Repeated(200, "1", "2", "3", "many")).Kind().Kind);
    }
}
