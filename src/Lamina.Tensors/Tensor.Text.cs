using System.Globalization;
using System.Text;
using Lamina.Tensors.Shapes;

namespace Lamina.Tensors;

public sealed partial class Tensor
{
    private const int ShownValues = 8;

    /// <summary>Type, shape, the first values, and of larger tensors the minimum, mean and maximum and how many are NaN.</summary>
    public override string ToString()
    {
        if (IsSymbolic) return $"{Spec} (inside a plan)";
        if (IsOverwritten) return $"{Spec} (overwritten since)";
        var text = new StringBuilder(Spec.ToString());
        if (Count == 0) return text.Append(" []").ToString();
        text.Append(" [");
        for (int i = 0; i < Math.Min(Count, ShownValues); i++)
            text.Append(i > 0 ? ", " : "").Append(ElementText(i));
        text.Append(Count > ShownValues ? ", …]" : "]");
        if (Count == 1) return text.ToString();
        double least = double.PositiveInfinity, largest = double.NegativeInfinity, sum = 0;
        int missing = 0, leastAt = 0, largestAt = 0;
        bool isInteger = DType.IsInteger;
        for (int i = 0; i < Count; i++)
        {
            double value = Element(i);
            if (double.IsNaN(value)) { missing++; continue; }
            // Doubles that are equal may stand for different int64.
            if (value < least || isInteger && value == least && Whole(i) < Whole(leastAt)) (least, leastAt) = (value, i);
            if (value > largest || isInteger && value == largest && Whole(i) > Whole(largestAt)) (largest, largestAt) = (value, i);
            sum += value;
        }
        if (missing < Count) text.Append($" min {ElementText(leastAt)} mean {Number(sum / (Count - missing))} max {ElementText(largestAt)}");
        return text.Append(missing > 0 ? $" NaN {missing}" : "").ToString();
    }

    // Whole numbers in full.
    private string ElementText(int index) => DType.IsInteger ? Whole(index).ToString(CultureInfo.InvariantCulture) : Number(Element(index));

    private string Number(double value) => DType == DType.Bool ? (value != 0 ? "true" : "false") : value.ToString("G5", CultureInfo.InvariantCulture);
}
