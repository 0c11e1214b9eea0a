namespace Lamina.Learning.Generation;

/// <summary>How <see cref="TokenSampler"/> chooses among tokens.</summary>
public sealed record SamplingOptions
{
    /// <summary>What logits are divided by, 0 or more: below 1 likely tokens become likelier, above 1 less so; 0: always the likeliest.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only so many of the likeliest tokens are chosen from (Fan, Lewis and Dauphin, 2018); 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Only the likeliest tokens are chosen from, as few as have this probability together, above 0 to 1 (nucleus sampling: Holtzman et al.,
    /// 2020); 1: all.
    /// </summary>
    public double TopP { get; init; } = 1;

    /// <summary>Only tokens of at least this share of the likeliest one's probability are chosen from, 0 to 1 (Nguyen et al., 2024); 0: all.</summary>
    public double MinP { get; init; }

    /// <summary>
    /// What the logits of tokens that occurred are divided by where they are positive and multiplied by where they are negative, 0.01 to 100
    /// (Keskar et al., 2019); 1: nothing, above 1: fewer repetitions.
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>The random seed: the same seed gives the same tokens.</summary>
    public long Seed { get; init; }
}
