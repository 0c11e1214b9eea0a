using System.Reflection;
using System.Runtime.CompilerServices;
using Lamina.Tensors.Ops;
using Xunit;

namespace Lamina.Conformance.Checks;

using Lamina.Tensors;

/// <summary>An op without a row fails the build.</summary>
public class CompletenessTests
{
    private static readonly Dictionary<string, string> s_exempt = new()
    {
        ["Fused"] = "made by a plan from element-wise ops; the plan checks run it for every row",
        ["Epilogued"] = "made by a plan from a product and element-wise ops; the plan checks run it",
    };

    [Fact(DisplayName = "Every op has a row")]
    public void Ops()
    {
        var seen = Table.Rows.SelectMany(r => r.Cases).Select(c => c.Op.GetType()).ToHashSet();
        string[] missing = [.. typeof(Op).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract && !seen.Contains(t) && !s_exempt.ContainsKey(t.Name))
            .Select(t => t.Name).Order()];
        Assert.True(missing.Length == 0, $"without a row in the op table: {string.Join(", ", missing)}");
    }

    [Fact(DisplayName = "Row names are the ops' names, and differ")]
    public void Names()
    {
        Assert.Equal(Table.Rows.Count, Table.Rows.DistinctBy(r => r.Name).Count());
        foreach (Row row in Table.Rows)
            Assert.All(row.Cases.Concat(row.Edges).Concat(row.Large), c => Assert.Equal(row.Name, c.Op.Name));
    }

    [Fact(DisplayName = "Every extension method is called by the table")]
    public void Methods()
    {
        string text = string.Concat(Directory.EnumerateFiles(Path.Combine(Here(), "..", "Table"), "*.cs").Select(File.ReadAllText));
        string[] missing = [.. typeof(TensorOps).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(m => m.Name.Replace("get_", ""))
            .Where(name => !name.StartsWith("op_", StringComparison.Ordinal) && name is not "Fit").Distinct()
            .Where(name => !text.Contains($".{name}(") && !text.Contains($".{name} ") && !text.Contains($".{name})")).Order()];
        Assert.True(missing.Length == 0, $"no row or recording calls: {string.Join(", ", missing)}");
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
