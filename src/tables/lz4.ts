import { DamagedFile } from '../errors';

const MAGIC = 0x184d2204;

/**
 * Decompresses a frame of LZ4, whose blocks may refer to those before them. Checksums are not compared.
 * @throws DamagedFile if the bytes are not such a frame
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function decompressLz4(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 7 || view.getUint32(0, true) !== MAGIC)
    throw new DamagedFile('an LZ4 frame does not begin like one');
  const flags = bytes[4];
  const [blockChecksum, contentSize, dictionary] = [flags & 16 ? 4 : 0, flags & 8 ? 8 : 0, flags & 1 ? 4 : 0];
  let out = new Uint8Array(bytes.length * 4);
  let length = 0;
  const make = (more: number): void => {
    if (length + more <= out.length) return;
    const larger = new Uint8Array(2 * (length + more));
    larger.set(out.subarray(0, length));
    out = larger;
  };
  const literals = (from: number, count: number): void => {
    if (from + count > bytes.length) throw new DamagedFile('an LZ4 frame ends too early');
    make(count);
    out.set(bytes.subarray(from, from + count), length);
    length += count;
  };
  /** A length that fills its nibble continues in the bytes that follow, as long as they are 255. */
  const counted = (at: number, nibble: number): [count: number, next: number] => {
    let [count, next] = [nibble, at];
    if (nibble === 15) {
      do count += bytes[next];
      while (bytes[next++] === 255);
    }
    return [count, next];
  };
  const block = (from: number, end: number): void => {
    for (let at = from; at < end; ) {
      const token = bytes[at];
      const [count, start] = counted(at + 1, token >> 4);
      literals(start, count);
      at = start + count;
      if (at >= end) return; // the last sequence has literals only
      const offset = bytes[at] | (bytes[at + 1] << 8);
      const [more, next] = counted(at + 2, token & 15);
      if (offset === 0 || offset > length || !(more >= 0)) throw new DamagedFile('an LZ4 frame is damaged');
      make(more + 4);
      for (let i = 0; i < more + 4; i++, length++) out[length] = out[length - offset]; // which may overlap
      at = next;
    }
  };
  for (let at = 7 + contentSize + dictionary; ; ) {
    if (at + 4 > bytes.length) throw new DamagedFile('an LZ4 frame ends too early');
    const word = view.getUint32(at, true);
    const size = word & 0x7fffffff;
    if (word === 0) return out.subarray(0, length);
    if (at + 4 + size > bytes.length) throw new DamagedFile('an LZ4 frame ends too early');
    if (word > 0x7fffffff) literals(at + 4, size);
    else block(at + 4, at + 4 + size);
    at += 4 + size + blockChecksum;
  }
}
