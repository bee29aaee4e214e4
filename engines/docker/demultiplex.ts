import { Writable } from 'node:stream';

const HEADER = 8;

/**
 * Takes the stream of a container without a terminal and splits it into standard output and error. Each
 * frame has a header of 8 bytes: the stream (1 output, 2 error), three zeros, the length as a big-endian
 * number. Format: https://docs.docker.com/reference/api/engine/ (attach to a container).
 * Slow consumers are waited for, so that no output piles up in memory.
 */
export function demultiplex(stdout: Writable | undefined, stderr: Writable | undefined): Writable {
  let pending: Buffer = Buffer.alloc(0);
  const deliver = async (chunk: Buffer): Promise<void> => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER) {
      const end = HEADER + pending.readUInt32BE(4);
      if (pending.length < end) return;
      const target = pending[0] === 2 ? stderr : stdout;
      const payload = pending.subarray(HEADER, end);
      pending = pending.subarray(end);
      if (target) await write(target, payload);
    }
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      deliver(chunk).then(() => done(), done);
    },
  });
}

/** Hands everything on to a writer that is not ended with it, such as standard output. */
export function forwardTo(target: Writable | undefined): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!target) return done();
      write(target, chunk).then(() => done(), done);
    },
  });
}

async function write(target: Writable, payload: Buffer): Promise<void> {
  if (target.destroyed || target.write(payload)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      target.off('drain', go).off('close', go).off('error', go);
      resolve();
    };
    target.on('drain', go).on('close', go).on('error', go);
  });
}
