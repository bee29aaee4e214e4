import { crc32 } from 'node:zlib';

export type SubunitStatus =
  | 'undefined'
  | 'exists'
  | 'inprogress'
  | 'success'
  | 'uxsuccess'
  | 'skip'
  | 'fail'
  | 'xfail';

/** One packet of a subunit stream. */
export interface SubunitEvent {
  testId: string | undefined;
  status: SubunitStatus;
  /** Milliseconds since the epoch. */
  at: number | undefined;
  file: { name: string; bytes: Buffer } | undefined;
}

const SIGNATURE = 0xb3;
/** In the order of their numbers in the lowest bits of the flags. */
const STATUSES: readonly SubunitStatus[] = [
  'undefined',
  'exists',
  'inprogress',
  'success',
  'uxsuccess',
  'skip',
  'fail',
  'xfail',
];
const Flag = {
  testId: 0x0800,
  routingCode: 0x0400,
  timestamp: 0x0200,
  tags: 0x0080,
  mime: 0x0020,
  file: 0x0040,
};
const VERSION = 0x2;

/**
 * Reads a stream of results as it comes: version 2 of https://github.com/testing-cabal/subunit. Bytes that are no
 * packet, such as what a test printed, are passed over.
 */
export class SubunitReader {
  private pending: Buffer = Buffer.alloc(0);

  constructor(private readonly onEvent: (event: SubunitEvent) => void) {}

  push(chunk: Buffer): void {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    let at = 0;
    for (;;) {
      at = this.pending.indexOf(SIGNATURE, at);
      if (at < 0) {
        this.pending = Buffer.alloc(0);
        return;
      }
      const packet = takePacket(this.pending.subarray(at));
      if (packet === 'incomplete') {
        this.pending = this.pending.subarray(at);
        return;
      }
      if (packet === 'none') {
        at += 1;
        continue;
      }
      at += packet.length;
      this.onEvent(parsePacket(packet));
    }
  }
}

/** The packet that the bytes start with, whole and with the right checksum. */
function takePacket(bytes: Buffer): Buffer | 'incomplete' | 'none' {
  if (bytes.length < 4) return bytes.length > 1 && version(bytes) !== VERSION ? 'none' : 'incomplete';
  if (version(bytes) !== VERSION) return 'none';
  if (bytes.length < 3 + numberLength(bytes, 3)) return 'incomplete';
  const length = new Fields(bytes, 3).number();
  if (length < 8) return 'none';
  if (bytes.length < length) return 'incomplete';
  const packet = bytes.subarray(0, length);
  return crc32(packet.subarray(0, -4)) === packet.readUInt32BE(length - 4) ? packet : 'none';
}

function version(bytes: Buffer): number {
  return (bytes[1] as number) >> 4;
}

function parsePacket(packet: Buffer): SubunitEvent {
  const flags = packet.readUInt16BE(1);
  const has = (flag: keyof typeof Flag): boolean => (flags & Flag[flag]) !== 0;
  const fields = new Fields(packet, 3);
  fields.number();
  const at = has('timestamp') ? fields.timestamp() : undefined;
  const testId = has('testId') ? fields.text() : undefined;
  if (has('tags')) for (let left = fields.number(); left > 0; left--) fields.text();
  if (has('mime')) fields.text();
  const file = has('file') ? { name: fields.text(), bytes: fields.bytes() } : undefined;
  return { testId, status: STATUSES[flags & 0x7] ?? 'undefined', at, file };
}

/** Bytes that the number at this place takes: its two highest bits say how many follow the first. */
function numberLength(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) >> 6) + 1;
}

class Fields {
  constructor(
    private readonly source: Buffer,
    private at: number,
  ) {}

  number(): number {
    const length = numberLength(this.source, this.at);
    const value = this.source.readUIntBE(this.at, length) & (2 ** (length * 8 - 2) - 1);
    this.at += length;
    return value;
  }

  bytes(): Buffer {
    const length = this.number();
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  timestamp(): number {
    const seconds = this.source.readUInt32BE(this.at);
    this.at += 4;
    return seconds * 1000 + this.number() / 1e6;
  }
}
