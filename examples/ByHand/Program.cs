// A training loop written out: forward, loss, gradients, update. The network learns XOR, which no single layer can.
var weight1 = new Parameter(new GlorotUniform(), [2, 8]);
var bias1 = new Parameter(Constant.Zero, [8]);
var weight2 = new Parameter(new GlorotUniform(), [8, 1]);
var bias2 = new Parameter(Constant.Zero, [1]);
Parameter[] parameters = [weight1, bias1, weight2, bias2];

Tensor inputs = Tensor.From(new float[,] { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } });   // (4, 2)
Tensor targets = Tensor.From(new float[,] { { 0 }, { 1 }, { 1 }, { 0 } });              // (4, 1)
const double LearningRate = 0.5;

for (int step = 1; step <= 2000; step++)
{
    // Forward: each neuron weighs its inputs, adds its bias, and bends the sum.
    Tensor hidden = (inputs.MatMul(weight1.Value) + bias1.Value).Tanh();                // (4, 8)
    Tensor outputs = (hidden.MatMul(weight2.Value) + bias2.Value).Sigmoid();            // (4, 1)

    // Loss: how far off, on average.
    Tensor loss = ((outputs - targets) * (outputs - targets)).Mean();

    // Gradients: how the loss changes with each weight, by backpropagation.
    GradientSet gradients = Gradient.Of(loss, parameters);

    // Update: a step downhill.
    foreach (Parameter parameter in parameters)
        parameter.Value = parameter.Value - LearningRate * gradients[parameter];

    if (step % 500 == 0) Console.WriteLine($"step {step}: loss {loss.Item():F4}");
}

Tensor answer = ((inputs.MatMul(weight1.Value) + bias1.Value).Tanh().MatMul(weight2.Value) + bias2.Value).Sigmoid();
for (int i = 0; i < 4; i++)
    Console.WriteLine($"{inputs[i][0].Item()} xor {inputs[i][1].Item()} = {answer[i][0].Item():F2}");
