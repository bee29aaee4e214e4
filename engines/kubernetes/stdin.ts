import type { Readable, Writable } from 'node:stream';
import type { Socket } from './api.ts';

const STDIN = 0;
/** Names a stream that ends, in protocol v5. */
const CLOSE = 255;

/**
 * What goes before a command whose whole input is known. Until v5 of the protocol (Kubernetes 1.30) the end of the
 * input cannot be told, so that a command which reads all of it would wait for ever; `head` ends where its bytes do.
 */
export function stdinWrapper(stdin: Readable | string | undefined, tty: boolean): string[] {
  if (typeof stdin !== 'string' || tty) return [];
  const size = Buffer.byteLength(stdin);
  return ['sh', '-c', `head -c ${size} | "$@"`, 'sh'];
}

/** Sends input as it comes; gives a function that stops. */
export function forwardStdin(input: Readable, socket: Socket, tty: boolean): () => void {
  const send = (chunk: Buffer | string): void => socket.send(STDIN, Buffer.from(chunk));
  const end = (): void => {
    if (socket.protocol.startsWith('v5') && !tty) socket.send(CLOSE, Buffer.of(STDIN));
  };
  input.on('data', send);
  input.once('end', end);
  return () => {
    input.off('data', send);
    input.off('end', end);
    input.pause();
  };
}

/** Tells the size of a terminal, now and whenever it changes; undefined where the output is none. */
export function followSize(
  stdout: Writable | undefined,
  send: (data: Buffer) => void,
): (() => void) | undefined {
  const terminal = stdout as (Writable & { columns?: number; rows?: number }) | undefined;
  if (!terminal?.columns || !terminal.rows) return undefined;
  const resize = (): void =>
    send(Buffer.from(JSON.stringify({ Width: terminal.columns, Height: terminal.rows })));
  resize();
  terminal.on('resize', resize);
  return () => terminal.off('resize', resize);
}
