using Lamina.Tensors;
using Lamina.Tensors.Shapes;

namespace Lamina.Learning.Data;

/// <summary>The memory of one batch, filled again and again, with its tensors for a whole batch and for the odd last one.</summary>
internal sealed unsafe class BatchBuffer
{
    private readonly Storage _inputs, _targets;
    private readonly Batch _whole, _odd;

    public BatchBuffer(Dataset dataset, int rows, int oddRows)
    {
        _inputs = Storage.Rent(dataset.InputBatch(rows).Bytes);
        _targets = Storage.Rent(dataset.TargetBatch(rows).Bytes);
        _whole = Show(dataset, rows);
        _odd = oddRows == rows ? _whole : Show(dataset, oddRows);
    }

    /// <summary>Reads the examples; there are as many as in a whole batch or in the odd one.</summary>
    public Batch Fill(Dataset dataset, ReadOnlySpan<int> indices, int index, long seed, int epoch)
    {
        Batch batch = indices.Length == _whole.Count ? _whole : _odd;
        batch.Index = index;
        dataset.Read(new ReadCall(indices, Bytes(_inputs, batch.Inputs.Spec), Bytes(_targets, batch.Targets.Spec), seed, epoch));
        return batch;
    }

    /// <summary>Says that the memory is lent: what was shown of it is refused once it is taken back.</summary>
    public void Lend() => _inputs.Rewriter = _targets.Rewriter = Rewriter.Loader;

    /// <summary>Takes the memory back: the tensors that show it are no longer valid, until they are given out again.</summary>
    public void TakeBack()
    {
        foreach (Storage memory in (ReadOnlySpan<Storage>)[_inputs, _targets])
            if (memory.TryBeginRewrite()) memory.EndRewrite();
    }

    private Batch Show(Dataset dataset, int rows) =>
        new(Tensor.Over(_inputs, 0, dataset.InputBatch(rows)), Tensor.Over(_targets, 0, dataset.TargetBatch(rows)));

    private static Span<byte> Bytes(Storage storage, Spec spec) => new(storage.Address, (int)spec.Bytes);
}
