using Lamina.Tasks.Rows;
using Lamina.Tasks.Tables;

namespace Lamina.Tasks.Tests.Tables;

/// <summary>Which column is predicted, and as what.</summary>
public sealed class TargetChoiceTests
{
    private static TableSurvey Survey(int rows, params (string Name, Func<int, string> Cell)[] columns) =>
        TableSurvey.Of(new MemoryRows("t", [.. columns.Select(c => c.Name)],
        [.. Enumerable.Range(0, rows).Select(i => (IReadOnlyList<string>)[.. columns.Select(c => c.Cell(i))])]));

    private static readonly (string, Func<int, string>) s_number = ("size", i => $"{i * 37 % 101}.5"),
        s_word = ("colour", i => i % 3 == 0 ? "red" : "blue"), s_id = ("id", i => $"{i}"),
        s_grade = ("grade", i => $"{i % 4}"), s_text = ("notes", i => $"the case number {i} is this"), s_price = ("price", i => $"{i * 53 % 97}.25"),
            s_y = ("y", i => $"{i}");

    private static TargetChoice Choose(string? named, bool? classes, params (string, Func<int, string>)[] columns) =>
        TargetChoice.Of(Survey(60, columns), named?.Split(','), [], classes);

    [Fact]
    public void The_likeliest_column_is_chosen_and_the_reason_said()
    {
        static void Is(string name, string reason, params (string, Func<int, string>)[] columns)
        {
            TargetChoice choice = Choose(null, null, columns);
            Assert.Equal((name, $"'{name}' is predicted: {reason}"), (choice.Columns.Single().Name, choice.Reason));
        }

        Is("colour", "it is the last column", s_id, s_number, s_word);
        Is("price", "its name says so; its numbers are a regression", s_price, s_number, s_word);
        Is("grade", "it is the last column; its 4 whole numbers are taken as classes", s_number, s_grade);
        Is("y", "its name says so; its numbers are a regression", s_y, s_number, s_word); // although it ascends
        Is("colour", "it is the first column, and later ones can't be it", s_word, s_text, s_id);
        Is("size", "it is the first column that can be; its numbers are a regression", s_id, s_number, s_text);
        Assert.Contains("no column that could be predicted", Assert.Throws<DataException>(() => Choose(null, null, s_id, s_text)).Message);
    }

    [Fact]
    public void Few_whole_numbers_or_words_are_classes_unless_said_otherwise()
    {
        static (bool, string?) Of(string named, bool? classes, params (string, Func<int, string>)[] columns) =>
            Choose(named, classes, columns) is var c ? (c.IsClasses, c.Reason) : default;
        Assert.Equal((true, "'grade': its 4 whole numbers are taken as classes"), Of("grade", null, s_number, s_grade));
        Assert.Equal((false, null), Of("grade", false, s_number, s_grade));
        Assert.Equal((true, null), Of("size", true, s_number, s_word));
        Assert.Equal((false, "'size': its numbers are a regression"), Of("size", null, s_number, s_word));
        Assert.Equal((true, null), Of("colour", null, s_number, s_word));
        Assert.Equal((true, null), Of("2", null, s_number, s_word));
        Assert.False(Choose("many", null, s_word, ("many", i => $"{i % 21}")).IsClasses);
        Assert.True(Choose("many", null, s_word, ("many", i => $"{i % 20}")).IsClasses);
    }

    [Fact]
    public void Several_targets_are_numbers()
    {
        TargetChoice choice = Choose("size,price", null, s_number, s_word, s_price);
        Assert.Equal(["size", "price"], choice.Columns.Select(c => c.Name));
        Assert.False(choice.IsClasses);
        Assert.Single(Choose("size,size", null, s_number, s_word).Columns);
        Assert.Contains("'colour' is predicted as classes", Assert.Throws<DataException>(() => Choose("size,colour", null, s_number, s_word)).Message);
        Assert.Contains("have to be numbers", Assert.Throws<DataException>(() => Choose("size,price", true, s_number, s_price)).Message);
    }

    [Theory]
    [InlineData("colour", false, "holds no numbers but words such as 'red'")]
    [InlineData("notes", null, "60 different values in 60 rows: too many for classes")]
    [InlineData("sise", null, "has no column 'sise', only 'size', 'colour'")]
    [InlineData("sise", null, "try 'size'")]
    [InlineData("7", null, "has no column '7'")]
    [InlineData("one", null, "has one value in all rows, '1'")]
    [InlineData("none", null, "has no values to learn")]
    public void What_cant_be_one_is_refused(string named, bool? classes, string said) =>
        Assert.Contains(said, Assert.Throws<DataException>(() =>
            Choose(named, classes, s_number, s_word, s_text, ("one", _ => "1"), ("none", _ => "NA"))).Message);
}
