using System.Globalization;
using System.Text;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

public sealed partial class Tensor
{
    private const int ShownValues = 8;

    /// <summary>Type, shape, the first values, and of larger tensors the least, mean and greatest value and how many are NaN.</summary>
    public override string ToString()
    {
        if (IsSymbolic) return $"{Spec} (inside a plan)";
        if (IsOverwritten) return $"{Spec} (overwritten since)";
        var text = new StringBuilder(Spec.ToString());
        if (Count == 0) return text.Append(" []").ToString();
        text.Append(" [");
        for (int i = 0; i < Math.Min(Count, ShownValues); i++)
            text.Append(i > 0 ? ", " : "").Append(Number(Element(i)));
        text.Append(Count > ShownValues ? ", …]" : "]");
        if (Count == 1) return text.ToString();
        double least = double.PositiveInfinity, greatest = double.NegativeInfinity, sum = 0;
        int missing = 0;
        for (int i = 0; i < Count; i++)
        {
            double value = Element(i);
            if (double.IsNaN(value)) { missing++; continue; }
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
            sum += value;
        }
        if (missing < Count) text.Append($" min {Number(least)} mean {Number(sum / (Count - missing))} max {Number(greatest)}");
        return text.Append(missing > 0 ? $" NaN {missing}" : "").ToString();
    }

    private string Number(double value) => DType == DType.Bool ? (value != 0 ? "true" : "false") : value.ToString("G5", CultureInfo.InvariantCulture);
}
