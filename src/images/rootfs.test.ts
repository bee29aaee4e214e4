import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { releases } from '../model/releases.ts';
import { provideRootfs } from './rootfs.ts';

/** An engine with these images and no registry in reach. */
function engineWith(...references: string[]): Docker {
  return {
    getImage: (reference: string) => ({
      inspect: async () => {
        if (!references.includes(reference))
          throw Object.assign(new Error('no such image'), { statusCode: 404 });
      },
    }),
    pull: async () => {
      throw new Error('no such host');
    },
    importImage: async () => Readable.from([]),
  } as unknown as Docker;
}

const noTools = { PATH: '/nonexistent' };

it.each(['debian:trixie-slim', 'gantry/rootfs:trixie'])(
  'uses %s where the engine has it',
  async (reference) => {
    const options = { environment: noTools, onLine: () => {} };
    expect(await provideRootfs(engineWith(reference), releases[0], options)).toBe(reference);
  },
);

it('says what to install where neither a registry nor mmdebstrap is at hand', async () => {
  const lines: string[] = [];
  const options = { environment: noTools, onLine: (line: string) => lines.push(line) };
  await expect(provideRootfs(engineWith(), releases[0], options)).rejects.toMatchObject({
    code: 'image.no-rootfs',
    whose: 'environment',
    why: 'mmdebstrap is not installed',
    next: 'apt-get install mmdebstrap',
  });
  expect(lines[0]).toContain('debian:trixie-slim cannot be pulled (no such host)');
});
