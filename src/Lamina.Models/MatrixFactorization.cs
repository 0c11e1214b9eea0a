using System.Text.Json.Serialization;
using Lamina.Learning.Data;
using Lamina.Learning.Initializers;
using Lamina.Learning.Layers;
using Lamina.Learning.Modules;
using Lamina.Learning.Objectives;
using Lamina.Tensors;
using Lamina.Tensors.Ops;
using Lamina.Tensors.Shapes;

namespace Lamina.Models;

using Tensors = Lamina.Tensors.Tensors;

/// <summary>Options of <see cref="MatrixFactorization"/>; saved beside its weights, whole: a default that changes must not change a saved
/// network.</summary>
public sealed record MatrixFactorizationOptions
{
    /// <summary>The number of items, from 1, an unknown one not among them.</summary>
    public required int Items { get; init; }

    /// <summary>Number of a user's ratings in a row, from 1.</summary>
    public required int Length { get; init; }

    /// <summary>The number of users with a vector of their own, 0 or more; 0: users are known by their ratings alone.</summary>
    [JsonRequired]
    public int Users { get; init; }

    /// <summary>Length of the vectors of items and users, from 1.</summary>
    [JsonRequired]
    public int Width { get; init; } = 32;

    /// <summary>The number of members, from 1, each with vectors of its own; they share the biases, and the answer is their mean.</summary>
    [JsonRequired]
    public int Members { get; init; } = 2;

    /// <summary>How fast a user's mood passes: the n-th rating of a row counts e^(−n / Memory) in the user's bias; above 0.</summary>
    [JsonRequired]
    public double Memory { get; init; } = 25;

    /// <summary>The share of a user's ratings, and of the numbers of a user's vector, that are dropped in training, 0 to below 1.</summary>
    [JsonRequired]
    public double Dropout { get; init; } = 0.2;
}

/// <summary>
/// Ratings as a product of two matrices, of users and of items (Koren, Bell and Volinsky, 2009: "Matrix factorization techniques for recommender
/// systems"), where a user's vector is made of what the user has rated (Paterek, 2007: "Improving regularized singular value decomposition for
/// collaborative filtering"; Koren, 2008: "Factorization meets the neighborhood", the asymmetric model), so that somebody new has one with the first
/// rating, and an old one's follows the taste without training:
/// rating = item's bias + user's bias + item · user; the user's bias is the mean of (rating − item's bias) over the ratings, those that are near
/// in time before
/// others, shrunk;
/// user = Σ (deviation from that · v of the item + y of the item) / √(n + λ). Rows (batch, 2 + 2·length) as
/// <see cref="Lamina.Learning.Ratings.UserRatings"/> makes them → (batch, 1), a rating less the mean.
/// </summary>
public sealed partial class MatrixFactorization : Layer, IEnsemble
{
    private readonly Dropout _dropRatings, _dropUser;
    private readonly Tensor _recency;

    /// <summary>Builds the network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public MatrixFactorization(MatrixFactorizationOptions options)
    {
        Check(options);
        Options = options;
        var small = new Normal(Deviation: 0.01);
        int width = options.Members * options.Width;
        ItemBias = new Embedding(options.Items + 1, 1, Constant.Zero);
        Item = new Embedding(options.Items + 1, width, new Normal(Deviation: 0.1));
        Liked = new Embedding(options.Items + 1, width, new Normal(Deviation: 0.1));
        Rated = new Embedding(options.Items + 1, width, small);
        if (options.Users > 0) User = new Embedding(options.Users + 1, width, small);
        Shrink = new Parameter(new Constant(1.5), [2]);
        _recency = Tensor.From([.. Enumerable.Range(0, options.Length).Select(n => (float)Math.Exp(-n / options.Memory))]);
        (_dropRatings, _dropUser) = (new(options.Dropout), new(options.Dropout));
    }

    /// <summary>Options that the network was built with.</summary>
    public MatrixFactorizationOptions Options { get; }

    /// <summary>How far an item is above the mean, (items + 1, 1).</summary>
    public Embedding ItemBias { get; }

    /// <summary>What an item is, (items + 1, members · width).</summary>
    public Embedding Item { get; }

    /// <summary>What a high rating of an item says of a user, (items + 1, members · width).</summary>
    public Embedding Liked { get; }

    /// <summary>What rating an item at all says of a user, (items + 1, members · width).</summary>
    public Embedding Rated { get; }

    /// <summary>A vector of each user's own, (users + 1, members · width); null where there are none.</summary>
    public Embedding? User { get; }

    /// <summary>Logarithms of how many ratings the mean user counts as, for the bias and the vector, (2).</summary>
    public Parameter Shrink { get; }

    /// <summary>Sets the items' biases to their mean ratings, shrunk as if each had been rated five times more with the mean.</summary>
    /// <param name="ratings">Rows with ratings less the mean.</param>
    public void StartFromMeans(Dataset ratings)
    {
        const int AtOnce = 4_096, Prior = 5;
        double[] sums = new double[Options.Items + 1], counts = new double[Options.Items + 1];
        for (int first = 0; first < ratings.Count; first += AtOnce)
        {
            Batch part = ratings.Take([.. Enumerable.Range(first, Math.Min(AtOnce, ratings.Count - first))]);
            int slots = part.Input.Shape[1];
            ReadOnlySpan<float> rows = part.Input.Read<float>(), targets = part.Target.Read<float>();
            for (int i = 0; i < part.Count; i++)
            {
                int item = (int)rows[i * slots + 1];
                sums[item] += targets[i];
                counts[item]++;
            }
        }
        ItemBias.Weight.Value = Tensor.From([.. sums.Zip(counts, (sum, count) => (float)(sum / (count + Prior)))], [Options.Items + 1, 1]);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Members(Tensors.Create([x]), pass).Mean([1]);

    /// <inheritdoc/>
    public Tensor Members(Tensors inputs, Pass pass)
    {
        Tensor x = inputs[0];
        int length = Options.Length;
        if (x.Rank != 2 || x.Shape[1] != 2 + 2 * length) throw new TensorException($"{this} takes rows (batch, {2 + 2 * length}), not {x.Shape}",
            "rows that UserRatings gives");
        Tensor item = x.Narrow(1, 1, 1).Squeeze(1).Cast(DType.Int32), rated = x.Narrow(1, 2, length).Cast(DType.Int32); // (batch), (batch, length)
        Tensor present = _dropRatings.Forward((x.Narrow(1, 2, length) > 0).Cast(DType.Float32), pass);
        Tensor shrink = Shrink.Value.Exp(), count = present.Sum([1], keepDims: true); // (batch, 1)
        Tensor above = (x.Narrow(1, 2 + length, length) - ItemBias.Forward(rated, pass).Squeeze(2)) * present; // (batch, length)
        Tensor weight = (present * _recency).Sum([1], keepDims: true);
        Tensor userBias = (above * _recency).Sum([1], keepDims: true) / (weight + shrink.Narrow(0, 0, 1)); // (batch, 1)
        Tensor user = Sum(above - userBias * present, Liked.Forward(rated, pass)) + Sum(present, Rated.Forward(rated, pass));
        user = user / (count + shrink.Narrow(0, 1, 1)).Sqrt(); // (batch, members · width)
        if (User is not null) user += User.Forward(x.Narrow(1, 0, 1).Squeeze(1).Cast(DType.Int32), pass);
        Tensor products = Item.Forward(item, pass) * _dropUser.Forward(user, pass);
        Tensor tastes = products.Reshape(new Shape(x.Shape[0], Options.Members, Options.Width)).Sum([2], keepDims: true); // (batch, members, 1)
        return (ItemBias.Forward(item, pass) + userBias).Unsqueeze(1) + tastes;
    }

    // (batch, length) weights of (batch, length, width) rows → (batch, width)
    private static Tensor Sum(Tensor weights, Tensor rows) => weights.Unsqueeze(1).MatMul(rows).Squeeze(1);

    /// <inheritdoc/>
    public override string ToString() =>
        $"MatrixFactorization({Options.Items} items, {Options.Width} wide, {Options.Members} member{(Options.Members == 1 ? "" : "s")})";

    // Options may come from a file.
    private static void Check(MatrixFactorizationOptions o)
    {
        if (o.Items is < 1 or > 10_000_000) throw new ArgumentOutOfRangeException(nameof(o.Items), o.Items, "there are 1 to 10,000,000 items");
        if (o.Users is < 0 or > 10_000_000) throw new ArgumentOutOfRangeException(nameof(o.Users), o.Users, "there are 0 to 10,000,000 users");
        if (o.Length is < 1 or > 4_096) throw new ArgumentOutOfRangeException(nameof(o.Length), o.Length, "a row has 1 to 4,096 ratings of its user");
        if (o.Width is < 1 or > 4_096) throw new ArgumentOutOfRangeException(nameof(o.Width), o.Width, "a vector has 1 to 4,096 numbers");
        if (!(o.Memory > 0) || double.IsInfinity(o.Memory)) throw new ArgumentOutOfRangeException(nameof(o.Memory), o.Memory,
            "a memory is a number of ratings above 0");
        if (o.Members is < 1 or > 256) throw new ArgumentOutOfRangeException(nameof(o.Members), o.Members, "there are 1 to 256 members");
        if (!(o.Dropout is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(o.Dropout), o.Dropout, "dropout is a share from 0 to below 1");
    }
}
