// The simplest Parquet file: required columns of float64, neither encoded nor compressed, in row groups of one page a column.

/** An integer as Thrift's compact protocol writes it: zigzag, in groups of seven bits. */
function integer(value: number): number[] {
  const bytes: number[] = [];
  let rest = value * 2; // zigzag of what is not negative
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

/** The length of what follows, which is not signed. */
const length = (count: number): number[] => integer(count / 2);

const text = (value: string): number[] => [...length(Buffer.byteLength(value)), ...Buffer.from(value)];

// the types of Thrift's fields
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

type Field = readonly [id: number, type: number, bytes: readonly number[]];

const struct = (...fields: Field[]): number[] => [
  ...fields.flatMap(([id, type, bytes], i) => [((id - (fields[i - 1]?.[0] ?? 0)) << 4) | type, ...bytes]),
  0,
];

const list = (type: number, items: readonly (readonly number[])[]): number[] => [
  ...(items.length < 15 ? [(items.length << 4) | type] : [0xf0 | type, ...length(items.length)]),
  ...items.flat(),
];

const MAGIC = Buffer.from('PAR1');
const DOUBLE = integer(5);
const PLAIN = integer(0);
const RLE = integer(3);
const REQUIRED = integer(0);
const UNCOMPRESSED = integer(0);

/**
 * A Parquet file.
 * @param names of the columns
 * @param columns their values
 * @param groupRows rows of a row group
 */
export function parquetBytes(names: readonly string[], columns: readonly Float64Array[], groupRows: number): Buffer {
  const rows = columns[0].length;
  const parts: Buffer[] = [MAGIC];
  let at = MAGIC.length;
  const groups: number[][] = [];
  for (let from = 0; from < rows; from += groupRows) {
    const count = Math.min(groupRows, rows - from);
    const chunks = columns.map((column, j) => {
      const values = Buffer.from(column.slice(from, from + count).buffer);
      const page = struct([1, I32, integer(count)], [2, I32, PLAIN], [3, I32, RLE], [4, I32, RLE]);
      const size = integer(values.length);
      const head = Buffer.from(struct([1, I32, integer(0)], [2, I32, size], [3, I32, size], [5, STRUCT, page]));
      const whole = integer(head.length + values.length);
      const about = struct(
        [1, I32, DOUBLE],
        [2, LIST, list(I32, [PLAIN])],
        [3, LIST, list(BINARY, [text(names[j])])],
        [4, I32, UNCOMPRESSED],
        [5, I64, integer(count)],
        [6, I64, whole],
        [7, I64, whole],
        [9, I64, integer(at)],
      );
      const chunk = struct([2, I64, integer(at)], [3, STRUCT, about]);
      parts.push(head, values);
      at += head.length + values.length;
      return chunk;
    });
    const bytes = integer(8 * count * columns.length);
    groups.push(struct([1, LIST, list(STRUCT, chunks)], [2, I64, bytes], [3, I64, integer(count)]));
  }
  const root = struct([4, BINARY, text('schema')], [5, I32, integer(names.length)]);
  const leaves = names.map((name) => struct([1, I32, DOUBLE], [3, I32, REQUIRED], [4, BINARY, text(name)]));
  const schema = list(STRUCT, [root, ...leaves]);
  const metadata = Buffer.from(
    struct([1, I32, integer(1)], [2, LIST, schema], [3, I64, integer(rows)], [4, LIST, list(STRUCT, groups)]),
  );
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(metadata.length);
  return Buffer.concat([...parts, metadata, tail, MAGIC]);
}
