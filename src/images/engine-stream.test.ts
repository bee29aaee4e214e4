import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { LineAssembler, readMessages } from './engine-stream.ts';

it('puts lines together from pieces, without colours and empty lines', () => {
  const lines: string[] = [];
  const assembler = new LineAssembler((line) => lines.push(line));
  for (const piece of ['Step 1/2 : FR', 'OM x\n\n\u001b[91mwarn', 'ing\u001b[0m\r\nrest'])
    assembler.write(piece);
  assembler.end();
  expect(lines).toEqual(['Step 1/2 : FROM x', 'warning', 'rest']);
});

it('reads one message per line however the engine cuts them', async () => {
  const messages = [];
  for await (const message of readMessages(Readable.from(['{"stream":"a"}\r\n{"str', 'eam":"b"}\n']))) {
    messages.push(message);
  }
  expect(messages).toEqual([{ stream: 'a' }, { stream: 'b' }]);
});

it.each([
  ['fails', new Error('socket hang up'), 'socket hang up'],
  ['closes without an end', undefined, 'Premature close'],
])('fails when the connection %s', async (_, error, message) => {
  const body = new Readable({ read() {} });
  body.push('{"stream":"a"}\n');
  setImmediate(() => body.destroy(error));
  await expect(async () => {
    for await (const _ of readMessages(body));
  }).rejects.toThrow(message);
});
