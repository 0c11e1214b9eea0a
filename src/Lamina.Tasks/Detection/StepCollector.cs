using Lamina.Learning.Data;
using Tensor = Lamina.Tensors.Tensor;

namespace Lamina.Tasks.Detection;

/// <summary>Puts windows together to the series that they were cut from, with what the network made of them.</summary>
/// <param name="columns">The number of columns.</param>
internal sealed class StepCollector(int columns)
{
    private float[] _values = [], _errors = [];
    private bool[] _isStep = [];
    private sbyte[] _labels = [];
    private int _count;

    /// <summary>(steps, columns) in robust units; NaN where a value is missing.</summary>
    public float[] Values => _values[..(_count * columns)];

    /// <summary>(steps, columns): value less what the network made of it; NaN where the value is missing.</summary>
    public float[] Errors => _errors[..(_count * columns)];

    /// <summary>Whether there is such a step: between series there are none.</summary>
    public bool[] IsStep => _isStep[.._count];

    /// <summary>1 for a step that is labelled as odd, 0 for one that isn't, −1 where nothing is known.</summary>
    public sbyte[] Labels => _labels[.._count];

    /// <summary>Adds the windows of a batch; a step that came before is written anew.</summary>
    public void Add(Batch batch, Tensor prediction)
    {
        ReadOnlySpan<float> said = prediction.Read<float>(), values = batch.Target.Read<float>(), mask = batch.Targets[1].Read<float>();
        ReadOnlySpan<int> places = batch.Targets[2].Read<int>(); // (batch, steps, 2): position and label
        for (int i = 0; i < places.Length / 2; i++)
        {
            int at = places[2 * i];
            Reserve(at + 1);
            _isStep[at] = true;
            _labels[at] = (sbyte)places[2 * i + 1];
            for (int c = 0; c < columns; c++)
            {
                bool isThere = mask[i * columns + c] > 0;
                _values[at * columns + c] = isThere ? values[i * columns + c] : float.NaN;
                _errors[at * columns + c] = isThere ? values[i * columns + c] - said[i * columns + c] : float.NaN;
            }
        }
    }

    private void Reserve(int count)
    {
        if (count <= _count) return;
        if (count > _isStep.Length)
        {
            int room = Math.Max(count, 2 * _isStep.Length), before = _values.Length;
            Array.Resize(ref _values, room * columns);
            Array.Resize(ref _errors, room * columns);
            _values.AsSpan(before).Fill(float.NaN);
            _errors.AsSpan(before).Fill(float.NaN);
            Array.Resize(ref _isStep, room);
            Array.Resize(ref _labels, room);
        }
        _count = count;
    }
}
