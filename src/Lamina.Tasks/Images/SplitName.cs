using System.Text;

namespace Lamina.Tasks.Images;

/// <summary>The parts that data come divided into.</summary>
internal enum SplitRole
{
    /// <summary>Images to learn from.</summary>
    Train,

    /// <summary>Images to watch the training with.</summary>
    Validation,

    /// <summary>Images to judge the result by.</summary>
    Test,
}

/// <summary>What the name of a folder or file says about the part of the data that it holds.</summary>
/// <param name="Role">The part, or null where the name says none, or more than one.</param>
/// <param name="IsPlain">Whether the name says nothing else: <c>train-1</c> and <c>test_set</c> do not, <c>seg_train</c> does.</param>
/// <param name="IsMixed">Whether the name says more than one part, such as <c>train_test</c>.</param>
/// <param name="IsEvaluation">Whether the word is eval or evaluation, which means validation beside a test.</param>
/// <param name="Rest">The words besides, in order: <c>seg</c> of <c>seg_train</c>.</param>
internal readonly record struct SplitName(SplitRole? Role, bool IsPlain, bool IsMixed, bool IsEvaluation, string Rest)
{
    /// <summary>The words that are recognised, for messages.</summary>
    internal const string Words = "train or training; val, valid, validation or dev; test, testing, eval or evaluation";

    private static readonly Dictionary<string, SplitRole> s_words = new(StringComparer.Ordinal)
    {
        ["train"] = SplitRole.Train, ["training"] = SplitRole.Train, ["trainval"] = SplitRole.Train,
        ["val"] = SplitRole.Validation, ["valid"] = SplitRole.Validation, ["validation"] = SplitRole.Validation, ["validate"] = SplitRole.Validation,
        ["dev"] = SplitRole.Validation,
        ["test"] = SplitRole.Test, ["testing"] = SplitRole.Test, ["eval"] = SplitRole.Test, ["evaluation"] = SplitRole.Test, ["evaluate"] = SplitRole.Test,
    };

    // Words that say nothing about what an image shows.
    private static readonly HashSet<string> s_empty = new(StringComparer.Ordinal)
    {
        "set", "sets", "data", "dataset", "datasets", "image", "images", "img", "imgs", "image", "images", "pic", "pics", "photo", "photos",
        "split", "splits", "part", "parts", "fold", "folder", "folders", "dir", "file", "files", "sample", "samples", "example", "examples", "the", "my",
        "of", "for", "phase", "final", "v", "x",
    };

    /// <summary>Reads a name: any case, words parted by _ - . spaces, digits or capitals, or written together with set, data or images.</summary>
    internal static SplitName Of(string name)
    {
        var roles = new List<SplitRole>();
        var rest = new List<string>();
        bool isPlain = true, isEvaluation = false;
        foreach (string word in Parts(name))
        {
            if (RoleOf(word) is { } role)
            {
                roles.Add(role);
                isEvaluation |= word.StartsWith("eval", StringComparison.Ordinal);
                continue;
            }

            rest.Add(word);
            isPlain &= s_empty.Contains(word);
        }

        bool isMixed = roles.Distinct().Count() > 1;
        return new SplitName(roles.Count > 0 && !isMixed ? roles[0] : null, isPlain, isMixed, isEvaluation, string.Join(' ', rest));
    }

    private static SplitRole? RoleOf(string word)
    {
        if (s_words.TryGetValue(word, out SplitRole role))
        {
            return role;
        }

        foreach ((string known, SplitRole means) in s_words)
        {
            if (word.Length > known.Length
                && ((word.StartsWith(known, StringComparison.Ordinal) && s_empty.Contains(word[known.Length..]))
                    || (word.EndsWith(known, StringComparison.Ordinal) && s_empty.Contains(word[..^known.Length]))))
            {
                return means;
            }
        }

        return null;
    }

    // Runs of letters, also cut where a capital follows a small letter.
    private static IEnumerable<string> Parts(string name)
    {
        var word = new StringBuilder();
        char before = '\0';
        foreach (char letter in name)
        {
            if (!char.IsLetter(letter) || (char.IsUpper(letter) && char.IsLower(before)))
            {
                if (word.Length > 0)
                {
                    yield return word.ToString();
                }

                word.Clear();
            }

            if (char.IsLetter(letter))
            {
                word.Append(char.ToLowerInvariant(letter));
            }

            before = letter;
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }
}
