using Lamina.Learning.Layers;
using Lamina.Tensors;

namespace Lamina.Models;

/// <summary>The memory of a <see cref="RecurrentLanguageModel"/>: its state, however long the text.</summary>
public sealed class RecurrentMemory : TokenMemory
{
    private readonly RecurrentLanguageModel _model;
    private readonly Variable _hidden;
    private readonly Variable? _cell;

    /// <summary>An empty memory of texts that are written on together.</summary>
    /// <param name="model">The network; the memory reads its weights as they are at each step.</param>
    /// <param name="batch">How many texts.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no text.</exception>
    public RecurrentMemory(RecurrentLanguageModel model, int batch = 1) : base(batch)
    {
        _model = model;
        Tensor nothing = Tensor.Zeros([model.Options.Layers, batch, model.Options.Width]);
        _hidden = new Variable(nothing);
        if (model.Options.Cell == RecurrentCell.Lstm) _cell = new Variable(nothing);
    }

    /// <inheritdoc/>
    protected override Tensor Step(Tensor tokens)
    {
        (Tensor logits, RecurrentState state) = _model.Next(tokens, new(_hidden.Value, _cell?.Value));
        _hidden.Value = state.Hidden;
        if (_cell is not null) _cell.Value = state.Cell!;
        return logits;
    }

    /// <inheritdoc/>
    protected override void Forget()
    {
        // Not times 0, which leaves NaN.
        _hidden.Value = Tensor.Zeros(_hidden.Value.Shape, _hidden.Value.DType);
        if (_cell is not null) _cell.Value = Tensor.Zeros(_cell.Value.Shape, _cell.Value.DType);
    }
}
