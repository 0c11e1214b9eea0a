using Xunit;

namespace Lamina.Conformance.Checks;

/// <summary>The rows as theory data: a test is called <c>silu: gradient</c>.</summary>
internal static class RowTheory
{
    public static IEnumerable<TheoryDataRow<string>> Of(string check, Func<Row, bool>? applies = null) =>
        Table.Rows.Where(applies ?? (_ => true)).Select(row => Named(row.Name, check));

    public static TheoryDataRow<string> Named(string row, string check) => new(row) { TestDisplayName = $"{row}: {check}", Label = "" };
}
