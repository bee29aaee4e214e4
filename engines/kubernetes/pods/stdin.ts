import type { Readable, Writable } from 'node:stream';
import type { Socket } from '../api/client.ts';
import { sendHeldBack } from './backpressure.ts';

const STDIN = 0;
/** Largest piece that is announced at once, in bytes. */
const PIECE = 1_048_576;

/**
 * Runs "$@" with what comes in pieces, each announced by a line with its length, up to a length of zero. Until
 * Kubernetes 1.30 the protocol cannot tell that the input ends, and a command that reads all of it would wait for
 * ever. A command that ends before its input does takes the reader with it: what is run in a container is a process
 * group of its own. Shells report that on standard error, which is the command's alone. The reader is in the
 * background, where nobody waits for it: a signal that comes before its shell has put the traps back is lost on it,
 * and then it ends only when its input is closed.
 */
const reader = `trap : TERM
exec 3>&2 4<&0 2>/dev/null
{ while read -r size && [ "$size" != 0 ]; do dd bs="$size" count=1 iflag=fullblock; done <&4 3>&- 4<&- & } |
{ "$@" 2>&3 3>&- 4<&-; status=$?; trap "" TERM; kill -TERM 0; exit $status; }`;

/** What goes before a command that has input. A terminal ends its input by a character, and needs nothing. */
export function stdinWrapper(stdin: Readable | string | undefined, tty: boolean): string[] {
  return stdin === undefined || tty ? [] : ['sh', '-c', reader, 'sh'];
}

/** Sends input as it comes; gives a function that stops. */
export function forwardStdin(input: Readable, socket: Pick<Socket, 'send'>, tty: boolean): () => void {
  const forward = sendHeldBack(socket, STDIN, input);
  const send = (chunk: Buffer | string): void => {
    const data = Buffer.from(chunk);
    if (tty) forward(data);
    for (let start = 0; !tty && start < data.length; start += PIECE) {
      const piece = data.subarray(start, start + PIECE);
      forward(Buffer.concat([Buffer.from(`${piece.length}\n`), piece]));
    }
  };
  const end = (): void => {
    if (!tty) socket.send(STDIN, Buffer.from('0\n'));
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
