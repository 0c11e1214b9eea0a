using Lamina.Tasks.Images;

namespace Lamina.Tasks.Tests.Images;

public sealed class SplitNameTests
{
    private static LabeledImages Open(TempFolder folder) => ImageSource.Open(folder.Root, cancel: TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("train", "test")]
    [InlineData("training_set", "test_set")]
    [InlineData("seg_train", "seg_test")]
    [InlineData("train-1", "eval")]
    [InlineData("Train", "Evaluation")]
    [InlineData("TRAINING", "Testing")]
    [InlineData("images_train", "images_test")]
    [InlineData("trainset", "testset")]
    [InlineData("TrainData", "TestData")]
    [InlineData("train2017", "test 2017")]
    [InlineData("01.train", "02.test")]
    [InlineData("x.train", "x.evaluation")]
    [InlineData("mnist_png/training", "mnist_png/testing")]
    [InlineData("seg_train/seg_train", "seg_test/seg_test")]
    public void Recognises_training_and_test(string train, string test)
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs(train + "/").WithCatsAndDogs(test + "/");
        LabeledImages data = Open(folder);
        Assert.Equal(["cat", "dog"], data.Train.Classes);
        Assert.Equal(4, data.Test!.Count);
        Assert.Null(data.Validation);
        Assert.Empty(data.Notes);
    }

    [Theory]
    [InlineData("val")]
    [InlineData("Valid")]
    [InlineData("validation_set")]
    [InlineData("dev")]
    [InlineData("val2017")]
    [InlineData("validation-data")]
    public void Recognises_validation(string name)
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/").WithCatsAndDogs(name + "/").WithCatsAndDogs("test/");
        LabeledImages data = Open(folder);
        Assert.Equal(4, data.Validation!.Count);
        Assert.Equal(4, data.Test!.Count);
    }

    [Fact]
    public void Evaluation_beside_a_test_is_validation()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs("train/").WithCatsAndDogs("eval/").WithCatsAndDogs("test/");
        Assert.Contains("eval/ is used for validation", Assert.Single(Open(folder).Notes), StringComparison.Ordinal);
    }

    // The words are classes where images lie directly in them, beside others.
    [Theory]
    [InlineData("train", "tram")]
    [InlineData("test", "control")]
    [InlineData("crash_test", "road")]
    [InlineData("test tube", "beaker")]
    [InlineData("bullet_train", "steam_train")]
    [InlineData("valley", "mountain")]
    [InlineData("Devon", "Kent")]
    [InlineData("testament", "contest")]
    public void A_class_may_be_called_so(string one, string other)
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 2; i++)
        {
            folder.Write($"{one}/{i}.png", SampleImages.Png(4, 4, 1));
            folder.Write($"{other}/{i}.png", SampleImages.Png(4, 4, 2));
        }

        Assert.Equal(new[] { one, other }.Order(StringComparer.Ordinal), Open(folder).Train.Classes);
    }

    [Theory]
    [InlineData("train", "holdout", "'holdout' stands beside train/ with class folders in it")]
    [InlineData("train", "train_test", "'train_test' stands beside train/")]
    [InlineData("learn", "test", "'test' holds the same folders as 'learn'")]
    [InlineData("train", "training", "'train', 'training', which mean the same")]
    [InlineData("bullet_train", "car", "'bullet_train' may be meant as the images to learn from, or as a class")]
    public void Refuses_by_name_what_could_be_either(string one, string other, string problem)
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs(one + "/").WithCatsAndDogs(other + "/");
        DataException e = Assert.Throws<DataException>(() => Open(folder));
        Assert.Contains(problem, e.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_test_among_the_classes_it_tests()
    {
        using TempFolder folder = new TempFolder().WithCatsAndDogs().WithCatsAndDogs("test/");
        Refused.Open(folder.Root, folder.Root, "'test' holds folders of the same names as beside it ('cat', 'dog')", "names that say it alone");
    }

    [Fact]
    public void Refuses_classes_that_are_divided_within()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "cat/train", "cat/test", "dog/train", "dog/test" })
        {
            folder.Write($"{name}/0.png", SampleImages.Png(4, 4, 1));
        }

        Refused.Open(folder.Root, folder.At("cat"), "the class 'cat' is divided within", "moving the folders to train/cat");
    }
}
