using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lamina.Learning.Data;
using Lamina.Tasks.Csv;
using Lamina.Tasks.Spine;
using Lamina.Tensors;

namespace Lamina.Tasks.Curves;

/// <summary>Which columns go in, and how they are scaled, as <c>run.json</c> holds it.</summary>
internal sealed record CurveColumns(IReadOnlyList<string> Columns, IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation, string Target);

/// <summary>The network, as <c>run.json</c> holds it.</summary>
internal sealed record CurveNetwork(IReadOnlyList<int> Hidden);

/// <summary>Rows of numbers on their way to data sets.</summary>
internal sealed class CurveData(CsvTable table, IReadOnlyList<string> columns, string target, List<string> notes)
{
    private const double MostBad = 0.05;

    private readonly int[] _rows = Usable(table, [.. columns.Append(target).Select(table.Column)], notes);

    public int Count => _rows.Length;

    public double[] Column(string name) => [.. _rows.Select(row => table.Number(row, table.Column(name)))];

    public double[] Times(string name) => [.. _rows.Select(row => table.Time(row, table.Column(name)))];

    public object?[] Texts(string name) => [.. _rows.Select(row => table.Rows[row][table.Column(name)])];

    /// <summary>The numbers of each row as one text, target included: equal ones are duplicates.</summary>
    public object?[] Contents => [.. _rows.Select(row => string.Join('|', columns.Append(target).Select(c => table.Number(row, table.Column(c)).ToString("R", CultureInfo.InvariantCulture))))];

    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Contents.Prepend(string.Join('|', columns.Append(target)))))));

    /// <summary>Some of the rows in standard units.</summary>
    public SampledDataset Dataset(int[] rows, CurveColumns scale, NumberOutput output)
    {
        double[] targets = Column(target);
        var set = new TensorDataset(Inputs(rows, scale), Tensor.Create<float>([rows.Length, 1], t =>
        {
            for (int i = 0; i < rows.Length; i++) t[i] = (float)output.FromUnit(targets[rows[i]]);
        }));
        return new(set, i => new RowSample($"row {_rows[rows[i]] + 1}", [.. columns.Select(c => KeyValuePair.Create(c, table.Rows[_rows[rows[i]]][table.Column(c)]))]));
    }

    private Tensor Inputs(int[] rows, CurveColumns scale)
    {
        double[][] values = [.. columns.Select(Column)];
        return Tensor.Create<float>([rows.Length, values.Length], x =>
        {
            for (int i = 0; i < rows.Length; i++)
                for (int c = 0; c < values.Length; c++) x[i * values.Length + c] = (float)((values[c][rows[i]] - scale.Mean[c]) / scale.Deviation[c]);
        });
    }

    // Rows in which each of these columns is a number.
    private static int[] Usable(CsvTable table, int[] columns, List<string> notes)
    {
        int[] good = [.. Enumerable.Range(0, table.Rows.Count).Where(row => columns.All(c => !double.IsNaN(table.Number(row, c))))];
        int bad = table.Rows.Count - good.Length;
        if (bad == 0) return good;
        int first = Enumerable.Range(0, table.Rows.Count).Except(good).First(), column = columns.First(c => double.IsNaN(table.Number(first, c)));
        string what = $"row {first + 1} has '{table.Rows[first][column]}' in {table.Columns[column]}, which is no number";
        if (bad > MostBad * table.Rows.Count) throw new DataException(table.Source, $"{Wording.Count(bad, "row")} of {table.Rows.Count} can't be used: {what}", "numbers in every column, or a file without the columns that have none");
        notes.Add($"passed over {Wording.Count(bad, "row")}: {what}");
        return good;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CurveColumns))]
[JsonSerializable(typeof(CurveNetwork))]
[JsonSerializable(typeof(string))]
internal sealed partial class CurveJson : JsonSerializerContext;
