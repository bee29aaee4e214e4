import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SubunitEvent, SubunitReader } from './subunit.ts';

/** What python3-subunit 1.4.2 wrote for a test that starts, is skipped for a reason, at a known time. */
const recorded = Buffer.from(
  [
    'syuCMWfr1UDdzWUAFmEuQi50ZXN0X2NbaWQtMSxzbW9rZV0BCHdvcmtlci0wmGRmmLMtcECWFmEuQi50ZXN0X2NbaWQtMSxz',
    'bW9rZV0XdGV4dC9wbGFpbjtjaGFyc2V0PXV0ZjgGcmVhc29uQFNubyB2b2x1bWVzIHZvbHVtZXMgdm9sdW1lcyB2b2x1bWVz',
    'IHZvbHVtZXMgdm9sdW1lcyB2b2x1bWVzIHZvbHVtZXMgdm9sdW1lcyB2b2x1bWVzIAEwTNqyUrMrBSdn69VC3c1lABZhLkIu',
    'dGVzdF9jW2lkLTEsc21va2Vd1s+njw==',
  ].join(''),
  'base64',
);

/** Writes a packet: 0x2000 is the version, 0x0800 a test id follows, the rest the status. */
function packet(testId: string, status: number): Buffer {
  const id = Buffer.from(testId);
  const length = 1 + 2 + 2 + 2 + id.length + 4;
  const head = Buffer.alloc(7);
  head.writeUInt8(0xb3, 0);
  head.writeUInt16BE(0x2800 | status, 1);
  head.writeUInt16BE(0x4000 | length, 3);
  head.writeUInt16BE(0x4000 | id.length, 5);
  const content = Buffer.concat([head, id]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([content, sum]);
}

function read(...chunks: Buffer[]): SubunitEvent[] {
  const events: SubunitEvent[] = [];
  const reader = new SubunitReader((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  return events;
}

describe('SubunitReader', () => {
  it('reads what Python writes', () => {
    const testId = 'a.B.test_c[id-1,smoke]';
    const start = Date.UTC(2025, 3, 1, 12, 0, 0, 500);
    const reason = { name: 'reason', bytes: Buffer.from(`no ${'volumes '.repeat(10)}`) };
    expect(read(recorded)).toEqual([
      { testId, status: 'inprogress', at: start, file: undefined },
      { testId, status: 'undefined', at: undefined, file: reason },
      { testId, status: 'skip', at: start + 2000, file: undefined },
    ]);
  });

  it('finds every packet however the stream is cut, with other output in between', () => {
    const noise = fc
      .uint8Array({ maxLength: 20 })
      .map((bytes) => Buffer.from(bytes.map((byte) => byte & 0x7f)));
    const test = fc.record({ id: fc.string({ unit: 'grapheme', maxLength: 70 }), status: fc.nat(7) });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(noise, test), { maxLength: 8 }),
        fc.array(fc.nat(400), { maxLength: 10 }),
        (parts, cuts) => {
          const bytes = Buffer.concat(
            parts.flatMap(([before, { id, status }]) => [before, packet(id, status)]),
          );
          const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
          const chunks = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
          expect(read(...chunks).map(({ testId }) => testId)).toEqual(parts.map(([, { id }]) => id));
        },
      ),
    );
  });

  it('passes over bytes that only look like a packet', () => {
    const broken = packet('one', 3);
    broken[7] = 0x7f;
    expect(read(Buffer.concat([broken, packet('two', 3)])).map(({ testId }) => testId)).toEqual(['two']);
  });
});
