import { GantryError } from '../../../src/errors.ts';

/**
 * What a command in a process of Ceph found when it wrote and read: `bytes` that were the same, or what `failed`. Throws that, or
 * that nobody answered.
 */
export function bytesTold(
  answer: string | undefined,
  { code, message }: { code: string; message: string },
): number {
  const told = JSON.parse(answer || '{"failed": "nobody answered in time"}') as
    | { bytes: number }
    | { failed: string };
  if ('bytes' in told) return told.bytes;
  throw new GantryError({
    code,
    whose: 'environment',
    message,
    why: told.failed,
    next: 'Look at `gantry status` and `gantry exec ceph-mon -- ceph health detail`.',
  });
}
