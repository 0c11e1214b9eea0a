using System.Globalization;

namespace Lamina.Tasks.Images.Handwriting;

/// <summary>One control point of a skeleton, in a box of 0…1, y downwards.</summary>
/// <param name="X">Place across the box.</param>
/// <param name="Y">Place down the box.</param>
/// <param name="Corner">The line turns sharply here instead of flowing through.</param>
/// <param name="Lift">The pen is put down here: the first point of a stroke.</param>
internal readonly record struct Knot(float X, float Y, bool Corner, bool Lift);

/// <summary>
/// One way to write a digit: several poses with the same strokes and the same number of knots, between any two of
/// which lies another believable digit.
/// </summary>
internal sealed class Skeleton
{
    /// <summary>Reads poses written as <c>"x,y x,y! | x,y x,y"</c>: hundredths of the box, ! a corner, | a new stroke.</summary>
    /// <param name="weight">How often this way is taken, against the digit's other ways.</param>
    /// <param name="poses">The poses, all of one structure.</param>
    /// <exception cref="ArgumentException">The poses differ in structure.</exception>
    public Skeleton(float weight, params string[] poses)
    {
        Weight = weight;
        Poses = Array.ConvertAll(poses, Parse);
        foreach (Knot[] pose in Poses)
        {
            for (int i = 0; i < Math.Max(pose.Length, Poses[0].Length); i++)
            {
                if (i >= pose.Length || i >= Poses[0].Length || pose[i].Corner != Poses[0][i].Corner || pose[i].Lift != Poses[0][i].Lift)
                {
                    throw new ArgumentException($"The pose '{poses[Array.IndexOf(Poses, pose)]}' has not the knots of '{poses[0]}'.", nameof(poses));
                }
            }
        }
    }

    public float Weight { get; }

    public Knot[][] Poses { get; }

    private static Knot[] Parse(string pose)
    {
        var knots = new List<Knot>();
        bool lift = true;
        foreach (string word in pose.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word == "|")
            {
                lift = true;
                continue;
            }

            string[] pair = word.TrimEnd('!').Split(',');
            knots.Add(new Knot(Hundredths(pair[0]), Hundredths(pair[1]), word.EndsWith('!'), lift));
            lift = false;
        }

        return [.. knots];
    }

    private static float Hundredths(string text) => int.Parse(text, CultureInfo.InvariantCulture) / 100f;
}
