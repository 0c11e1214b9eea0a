using System.Runtime.Intrinsics;

namespace Lamina.Learning.Data;

/// <summary>
/// One drawn change. The place (x, y) of the result shows the place (X0 + Xx·x + Xy·y, Y0 + Yx·x + Yy·y) of the original;
/// a value v becomes v · Gain + Lift, in pixels 0 to 255.
/// </summary>
internal readonly record struct ImageChange(float Xx, float Xy, float X0, float Yx, float Yy, float Y0, float Gain, float Lift)
{
    public static ImageChange Draw(Augmentation options, int height, int width, in ExampleDraws draws)
    {
        Vector128<float> place = draws.Uniform(0), crop = draws.Uniform(1), form = draws.Uniform(2);
        double scale = options.MinScale + form[1] * (options.MaxScale - options.MinScale);
        double shear = Signed(form[2]) * options.Shear, flip = options.FlipHorizontal && form[3] < 0.5f ? -1 : 1;
        (double sin, double cos) = Math.SinCos(Signed(form[0]) * options.Rotate * (Math.PI / 180));
        // Forward: turn · slant · scale · flip; the sampler asks the other way round.
        double a = cos * scale * flip, b = (cos * shear - sin) * scale, c = sin * scale * flip, d = (sin * shear + cos) * scale;
        double determinant = a * d - b * c;
        double xx = d / determinant, xy = -b / determinant, yx = -c / determinant, yy = a / determinant;
        double middleX = (width - 1) * 0.5, middleY = (height - 1) * 0.5;
        double fromX = middleX + Signed(place[0]) * options.Shift * width + Whole(crop[0], options.Crop * width);
        double fromY = middleY + Signed(place[1]) * options.Shift * height + Whole(crop[1], options.Crop * height);
        double gain = 1 + Signed(place[2]) * options.Contrast;
        double lift = 127.5 - 127.5 * gain + 255 * Signed(place[3]) * options.Brightness;
        return new(
            (float)xx, (float)xy, (float)(middleX - xx * fromX - xy * fromY),
            (float)yx, (float)yy, (float)(middleY - yx * fromX - yy * fromY),
            (float)gain, (float)lift);
    }

    private static double Signed(float uniform) => 2.0 * uniform - 1;

    /// <summary>A whole number of pixels from −most to most, each as likely.</summary>
    private static double Whole(float uniform, double most)
    {
        double whole = Math.Floor(most);
        return Math.Floor(uniform * (2 * whole + 1)) - whole;
    }
}
