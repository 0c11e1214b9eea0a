using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lamina.Tasks.Rows;

/// <summary>Rows that could be read only once, kept in a temporary file that vanishes with the process.</summary>
internal sealed class SpooledRows : RowSource
{
    private readonly SafeFileHandle _file;
    private readonly long _count;

    private SpooledRows(string name, IReadOnlyList<string> columns, IReadOnlyList<string> notes, SafeFileHandle file, long count)
    {
        (Name, Columns, Notes, _file, _count) = (name, columns, notes, file, count);
    }

    public override string Name { get; }

    public override IReadOnlyList<string> Columns { get; }

    public override IReadOnlyList<string> Notes { get; }

    /// <summary>Keeps the rows of a pass. The notes are of the source after it.</summary>
    public static SpooledRows Keep(RowSource source)
    {
        SafeFileHandle file = Spool.Create();
        long count = 0;
        using (RowReader reader = source.Open())
        using (var into = new BinaryWriter(new BufferedStream(new SpoolStream(file), 1 << 17)))
        {
            for (; reader.Read(); count++)
            {
                for (int c = 0; c < source.Columns.Count; c++)
                {
                    ReadOnlySpan<char> cell = reader[c];
                    into.Write7BitEncodedInt(cell.Length);
                    into.Write(MemoryMarshal.AsBytes(cell));
                }
            }
        }
        return new(source.Name, source.Columns, source.Notes, file, count);
    }

    public override RowReader Open() => new Reader(this);

    private sealed class Reader(SpooledRows source) : RowReader
    {
        private readonly BinaryReader _from = new(new BufferedStream(new SpoolStream(source._file), 1 << 17));
        private readonly RowBuffer _row = new(source.Columns.Count);

        public override ReadOnlySpan<char> this[int column] => _row[column];

        public override bool Read()
        {
            if (Row == source._count) return false;
            _row.Clear();
            for (int c = 0; c < source.Columns.Count; c++)
            {
                int length = _from.Read7BitEncodedInt();
                _from.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_row.Room(length)[..length]));
                _row.Take(c, length);
            }
            Row++;
            return true;
        }

        protected override void Dispose(bool disposing) => _from.Dispose();
    }
}
