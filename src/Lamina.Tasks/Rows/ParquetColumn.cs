using Parquet;
using Parquet.Schema;

namespace Lamina.Tasks.Rows;

/// <summary>The values of a column in one row group of a Parquet file.</summary>
internal abstract class ParquetColumn
{
    private static readonly Dictionary<Type, Func<DataField, ParquetColumn>> s_kinds = new()
    {
        [typeof(bool)] = f => new Values<bool>(f, (row, c, v) => row.Set(c, v ? "true" : "false")),
        [typeof(sbyte)] = Number<sbyte>, [typeof(byte)] = Number<byte>, [typeof(short)] = Number<short>, [typeof(ushort)] = Number<ushort>,
        [typeof(int)] = Number<int>, [typeof(uint)] = Number<uint>, [typeof(long)] = Number<long>, [typeof(ulong)] = Number<ulong>,
        [typeof(decimal)] = Number<decimal>, [typeof(System.Numerics.BigInteger)] = Number<System.Numerics.BigInteger>, [typeof(Guid)] = Number<Guid>,
        [typeof(float)] = f => new Values<float>(f, CellText.Set),
        [typeof(double)] = f => new Values<double>(f, CellText.Set),
        [typeof(DateTime)] = f => new Values<DateTime>(f, CellText.Set),
        [typeof(DateOnly)] = f => new Values<DateOnly>(f, (row, c, v) => CellText.Set(row, c, v)),
        [typeof(TimeOnly)] = f => new Values<TimeOnly>(f, (row, c, v) => CellText.Set(row, c, v)),
        [typeof(TimeSpan)] = f => new Values<TimeSpan>(f, (row, c, v) => CellText.Set(row, c, v)),
        [typeof(ReadOnlyMemory<char>)] = f => new Values<ReadOnlyMemory<char>>(f, (row, c, v) => row.Set(c, v.Span)),
    };

    /// <summary>Whether values of a field are cells.</summary>
    public static bool Holds(DataField field) => s_kinds.ContainsKey(field.ClrType);

    public static ParquetColumn Of(DataField field) => s_kinds[field.ClrType](field);

    public abstract ValueTask LoadAsync(ParquetRowGroupReader group, int rows);

    /// <summary>Sets a cell to the value at a place; a null leaves it empty.</summary>
    public abstract void Set(RowBuffer row, int column, int at);

    private static Values<T> Number<T>(DataField field) where T : struct, ISpanFormattable => new(field, (row, c, v) => row.Set<T>(c, v));

    private sealed class Values<T>(DataField field, Action<RowBuffer, int, T> set) : ParquetColumn where T : struct
    {
        private T[] _values = [];
        private T?[] _optional = [];

        public override async ValueTask LoadAsync(ParquetRowGroupReader group, int rows)
        {
            if (field.MaxDefinitionLevel > 0)
            {
                if (_optional.Length < rows) _optional = new T?[rows];
                await group.ReadAsync<T>(field, _optional.AsMemory(0, rows)).ConfigureAwait(false);
            }
            else
            {
                if (_values.Length < rows) _values = new T[rows];
                await group.ReadAsync<T>(field, _values.AsMemory(0, rows)).ConfigureAwait(false);
            }
        }

        public override void Set(RowBuffer row, int column, int at)
        {
            if (field.MaxDefinitionLevel == 0) set(row, column, _values[at]);
            else if (_optional[at] is { } value) set(row, column, value);
        }
    }
}
