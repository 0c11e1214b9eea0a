using Lamina.Formats;

namespace Lamina.Tasks;

/// <summary>
/// Data that can't be used as they are. The message names the file or folder, says what was expected and what
/// was found, and gives a way out on its last line.
/// </summary>
/// <param name="path">The file or folder at fault, as the caller named it.</param>
/// <param name="problem">What was expected and what was found instead.</param>
/// <param name="remedy">What to do about it; follows the word "try" in the message.</param>
/// <param name="inner">The exception that was met, if one was.</param>
public sealed class DataException(string path, string problem, string remedy, Exception? inner = null)
    : Exception(ForeignText.Show($"{path}: {problem}") + $"\n  try {ForeignText.Show(remedy)}", inner)
{
    /// <summary>The file or folder at fault, as the caller named it.</summary>
    public string Path { get; } = path;

    /// <summary>What was expected and what was found instead.</summary>
    public string Problem { get; } = problem;

    /// <summary>What to do about it.</summary>
    public string Remedy { get; } = remedy;
}
