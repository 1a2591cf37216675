import { crc32, deflateRawSync } from 'node:zlib';

/** A member for a zip file of the tests, and what its headers say if that is not true. */
export interface Written {
  readonly name: string;
  readonly data?: Uint8Array;
  readonly deflated?: boolean;
  readonly says?: { size?: number; crc32?: number; flags?: number; method?: number; offset?: number };
}

/** A zip file as PKWARE's note describes it: members with their local headers, the directory, and its end. */
export function zipOf(members: readonly Written[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data = Buffer.alloc(0), deflated = false, says = {} } of members) {
    const stored = deflated ? deflateRawSync(data) : Buffer.from(data);
    const common = Buffer.alloc(26); // what both headers hold
    common.writeUInt16LE(20, 0); // version needed
    common.writeUInt16LE(says.flags ?? 0, 2);
    common.writeUInt16LE(says.method ?? (deflated ? 8 : 0), 4);
    common.writeUInt32LE(says.crc32 ?? crc32(data), 10);
    common.writeUInt32LE(stored.length, 14);
    common.writeUInt32LE(says.size ?? data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), stored]);
    const rest = Buffer.alloc(14); // comment, disk, attributes, offset
    rest.writeUInt32LE(says.offset ?? offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, listed, Buffer.from('PK\x05\x06'), end]);
}
