// A network that learns a nursery rhyme, character by character, and writes on.
string book = string.Concat(Enumerable.Repeat(
    """
    the north wind doth blow, and we shall have snow,
    and what will the robin do then, poor thing?
    he'll sit in a barn, and keep himself warm,
    and hide his head under his wing, poor thing!

    """, 20));

// docs/tasks/writing.md: from here
CharacterTokenizer tokenizer = CharacterTokenizer.Of([book]);
int[] tokens = tokenizer.Encode(book);
var pieces = Enumerable.Range(0, (tokens.Length - 1) / 32).Select(i => tokens[(i * 32)..(i * 32 + 33)]).ToArray();
Tensor all = Tensor.From([.. pieces.SelectMany(p => p)], [pieces.Length, 33]);
var network = new Gpt(new GptOptions { Vocabulary = tokenizer.Size, Context = 32, Layers = 2, Width = 64 });
new Trainer(network, new CrossEntropy(), new AdamW(0.003), new TrainerOptions { Epochs = 30 })
    .Fit(new DataLoader(new TensorDataset(all[.., ..32], all[.., 1..]), BatchOptions.Training with { Size = 16 }));

TokenMemory memory = network.CreateMemory();
var sampler = new TokenSampler(new SamplingOptions { Temperature = 0.8 }, tokenizer.Size);
int token = tokenizer.Encode("t")[0];
for (int i = 0; i < 200; i++, Console.Write(tokenizer.Decode([token])))
    token = sampler.Next(memory.Next(Tensor.From((int[])[token], [1, 1])).Read<float>());
// docs/tasks/writing.md: to here
