using Lamina.Learning.Data;
using Lamina.Learning.Columns;
using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Tasks.Tables;

/// <summary>Rows of a table as numbers.</summary>
internal sealed class EncodedRows : Dataset
{
    private readonly RowStore _rows;
    private readonly int _slots, _categories, _firstCategory, _targetCount;
    private readonly float[] _targets;
    private readonly bool _isClasses;

    private readonly float[]? _weights;

    // How often a training row's category is shown as an unknown one, so that the network has seen one.
    private readonly double _unknown;

    /// <param name="columns">The encodings.</param>
    /// <param name="targets">The targets, row by row.</param>
    /// <param name="targetCount">How many a row has.</param>
    /// <param name="isClasses">Whether a target is the number of a class.</param>
    /// <param name="mostBytes">What the rows may take in memory; more go to a temporary file, which vanishes with the process.</param>
    public EncodedRows(TableColumns columns, ReadOnlySpan<double> targets, int targetCount, bool isClasses, long mostBytes = RowStore.MostBytes)
    {
        (_slots, _targetCount, _isClasses) = (columns.Slots, targetCount, isClasses);
        _firstCategory = columns.Columns.Where(c => c.Kind == SlotKind.Number).Sum(c => c.Slots);
        _categories = columns.Columns.Count(c => c.Kind == SlotKind.Category);
        _targets = new float[targets.Length];
        for (int i = 0; i < targets.Length; i++) _targets[i] = (float)targets[i];
        Count = _targets.Length / targetCount;
        _rows = new(Count, _slots, mostBytes);
        Inputs = new Spec(DType.Float32, [_slots]);
        Targets = isClasses ? new Spec(DType.Int32, []) : new Spec(DType.Float32, [targetCount]);
    }

    private EncodedRows(EncodedRows rows, double unknown, float[]? weights)
    {
        _weights = weights;
        (_rows, _slots, _targetCount, _isClasses, _firstCategory, _categories, _targets) = (rows._rows, rows._slots, rows._targetCount,
            rows._isClasses, rows._firstCategory, rows._categories, rows._targets);
        (Count, Inputs, Targets, _unknown) = (rows.Count, rows.Inputs, rows.Targets, unknown);
    }

    public override int Count { get; }

    public override Specs Inputs { get; }

    public override Specs Targets { get; }

    /// <summary>The slots of a row, to be filled. Rows are filled in their order, and <see cref="Complete"/> ends it.</summary>
    public Span<float> this[int row] => _rows[row];

    /// <summary>Ends the filling.</summary>
    public void Complete() => _rows.Flush();

    public override bool HasWeights => _weights is not null;

    /// <summary>The same rows; some of their categories, other ones in each epoch, are shown as unknown.</summary>
    /// <param name="unknown">The share of categories that are.</param>
    /// <param name="weights">How much a row of each class counts; null: all alike.</param>
    public EncodedRows ForTraining(double unknown, float[]? weights = null) => new(this, _categories == 0 ? 0 : unknown, weights);

    public override void Read(in ReadCall call)
    {
        Span<float> inputs = call.Inputs<float>();
        for (int i = 0; i < call.Indices.Length; i++)
        {
            Span<float> row = inputs.Slice(i * _slots, _slots);
            _rows.Read(call.Indices[i], row);
            if (_unknown == 0) continue;
            var random = new RandomStream((ulong)call.Seed, (ulong)call.Epoch << 32 | (uint)call.Indices[i]);
            foreach (ref float category in row.Slice(_firstCategory, _categories))
                if (random.NextSingle() < _unknown) category = 0;
        }
        if (_isClasses)
        {
            Span<int> labels = call.Targets<int>();
            for (int i = 0; i < labels.Length; i++) labels[i] = (int)_targets[call.Indices[i]];
            if (_weights is null) return;
            Span<float> weights = call.Weights;
            for (int i = 0; i < labels.Length; i++) weights[i] = _weights[labels[i]];
            return;
        }
        Span<float> targets = call.Targets<float>();
        for (int i = 0; i < call.Indices.Length; i++) _targets.AsSpan(call.Indices[i] * _targetCount, _targetCount).CopyTo(targets[(i * _targetCount)..]);
    }
}
