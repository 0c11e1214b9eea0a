using System.Text.Json;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;
using Xunit;

namespace Lamina.Learning.Tests;

/// <summary>Values recorded from libtorch, see tests/Lamina.Conformance/Recorded.</summary>
internal static class Recorded
{
    /// <summary>The rounding of one float32 operation.</summary>
    private const double Rounding = 1.0 / (1 << 24);

    private static readonly string s_folder = Find();

    public static IEnumerable<JsonElement> Cases(string file) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, file + ".json"))).RootElement.GetProperty("cases").EnumerateArray();

    public static string Name(this JsonElement test) => test.GetProperty("name").GetString()!;

    public static double Number(this JsonElement options, string name) => options.GetProperty(name).GetDouble();

    public static bool Flag(this JsonElement options, string name) => options.GetProperty(name).GetBoolean();

    public static int[] Ints(this JsonElement options, string name) => options.GetProperty(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(x => x.GetInt32())] : [options.GetProperty(name).GetInt32()];

    public static double[] Doubles(JsonElement list) => [.. list.EnumerateArray().Select(x => x.ValueKind == JsonValueKind.String ? double.Parse(x.GetString()!) : x.GetDouble())];

    /// <summary>A recorded tensor: floats as float32, labels as int64.</summary>
    public static Tensor Tensor(this JsonElement recorded)
    {
        Shape shape = new([.. recorded.GetProperty("shape").EnumerateArray().Select(x => x.GetInt32())]);
        DType type = recorded.GetProperty("dtype").GetString() == "int64" ? DType.Int64 : DType.Float32;
        return Tensors.Tensor.FromDoubles(Doubles(recorded.GetProperty("values")), new Spec(type, shape));
    }

    /// <summary>
    /// Checks float32 values against recorded float64 ones: each of so many operations rounds by at most 2⁻²⁴ of the largest
    /// value on its way, for which the largest result (at least 1) stands; twice that, since operands may be larger.
    /// </summary>
    public static void Matches(JsonElement expected, Tensor actual, int operations, string what)
    {
        double[] values = Doubles(expected.GetProperty("values"));
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(x => x.GetInt32()), actual.Shape.Span.ToArray());
        double scale = Math.Max(1, values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
        for (int i = 0; i < values.Length; i++)
        {
            double found = actual.Element(i);
            Assert.True(found.Equals(values[i]) || Math.Abs(found - values[i]) <= 2 * operations * Rounding * scale, $"{what}: element {i} is {found}, recorded {values[i]}");
        }
    }

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "tests", "Lamina.Conformance", "Recorded");
            if (Directory.Exists(folder)) return folder;
        }
        throw new DirectoryNotFoundException("tests/Lamina.Conformance/Recorded was not found above the test's folder");
    }
}
