using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>The memory of one batch, filled again and again, with its tensors for each number of rows and each padded length.</summary>
internal sealed class BatchBuffer
{
    private readonly Storage[] _inputs, _targets;
    private readonly Storage? _weights;
    private readonly Storage[] _memory;
    private readonly List<(int Rows, int Length, Batch Batch)> _shown = [];

    /// <summary>Memory for so many rows of examples that are padded to at most <paramref name="length"/> steps.</summary>
    public BatchBuffer(Dataset dataset, int rows, int length)
    {
        _inputs = [.. dataset.InputsAt(length).ToArray().Select(spec => Storage.Rent(spec.Bytes * rows))];
        _targets = [.. dataset.TargetsAt(length).ToArray().Select(spec => Storage.Rent(spec.Bytes * rows))];
        _weights = dataset.HasWeights ? Storage.Rent(sizeof(float) * (long)rows) : null;
        _memory = _weights is null ? [.. _inputs, .. _targets] : [.. _inputs, .. _targets, _weights];
    }

    /// <summary>Reads the examples, padded to <paramref name="length"/> steps where lengths vary.</summary>
    public Batch Fill(Dataset dataset, ReadOnlySpan<int> indices, int length, int index, long seed, int epoch)
    {
        Batch batch = Find(dataset, indices.Length, length);
        batch.Index = index;
        dataset.Read(new ReadCall(indices, batch, length, seed, epoch));
        return batch;
    }

    private Batch Find(Dataset dataset, int rows, int length)
    {
        foreach ((int knownRows, int knownLength, Batch known) in _shown)
            if (knownRows == rows && knownLength == length) return known;
        var batch = new Batch(Over(_inputs, dataset.InputsAt(length), rows), Over(_targets, dataset.TargetsAt(length), rows),
            _weights is null ? null : Tensor.Over(_weights, 0, new Spec(DType.Float32, [rows])));
        _shown.Add((rows, length, batch));
        return batch;
    }

    /// <summary>Says that the memory is lent: what was shown of it is refused once it is taken back.</summary>
    public void Lend()
    {
        foreach (Storage memory in _memory) memory.Rewriter = Rewriter.Loader;
    }

    /// <summary>Takes the memory back: the tensors that show it are no longer valid, until they are given out again.</summary>
    public void TakeBack()
    {
        foreach (Storage memory in _memory)
            if (memory.TryBeginRewrite()) memory.EndRewrite();
    }

    private static Tensors Over(Storage[] memory, Specs specs, int rows) =>
        Tensors.Create([.. memory.Zip(specs.ToArray(), (m, spec) => Tensor.Over(m, 0, spec with { Shape = spec.Shape.Insert(0, rows) }))]);
}
