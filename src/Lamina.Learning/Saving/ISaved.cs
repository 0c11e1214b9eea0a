namespace Lamina.Learning.Saving;

/// <summary>What files of models name: modules are, and so are preprocessing steps and the meanings of outputs.</summary>
public interface ISavedByName;

/// <summary>Something that writes its options to a file. The generator implements it for every partial module class.</summary>
public interface ISaved
{
    /// <summary>Writes the options that it is made of.</summary>
    void Describe(OptionWriter to);
}

/// <summary>Something that is made again from the options in a file. The generator implements it for every partial module class.</summary>
/// <typeparam name="TSelf">The class itself.</typeparam>
public interface ISaved<TSelf> : ISaved where TSelf : class, ISaved<TSelf>
{
    /// <summary>The name in files.</summary>
    static abstract string SavedName { get; }

    /// <summary>Makes one from its options.</summary>
    /// <exception cref="Exception">An option is out of its range; the reader says where in the file.</exception>
    static abstract TSelf Create(OptionReader from);
}

/// <summary>The name by which files call a class, so that the class can be renamed or moved; its full name by default.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SavedAsAttribute(string name) : Attribute
{
    /// <summary>The name in files.</summary>
    public string Name { get; } = name;
}

/// <summary>Names the class that registers an assembly's saved classes. Written by the generator.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SavedTypesOfAttribute(Type registration) : Attribute
{
    /// <summary>The class whose Register() does it.</summary>
    public Type Registration { get; } = registration;
}
