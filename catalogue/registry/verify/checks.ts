import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type Dispatcher, request } from 'undici';
import { GantryError } from '../../../src/errors.ts';
import { Skip } from '../../../src/openstack/flow.ts';
import { timeLimit } from '../../../src/time-limit.ts';
import { defineCheck, type ServiceChecks } from '../../../src/verify/check.ts';

declare module '../../../src/verify/check.ts' {
  interface CheckResults {
    'container images': unknown;
  }
}

const SIZE = 2 ** 20;
const TIMEOUT_MS = 60_000;

/** By the registry's API: https://distribution.github.io/distribution/spec/api/ */
export default {
  checks: [
    defineCheck({
      name: 'container images',
      needs: ['token'],
      run: async ({ token: { connections: dispatcher, signal } }, { registry, name, note }) => {
        if (!registry) throw new Skip('this cloud has no registry for users');
        const { address, user, password } = registry;
        const ask = async (method: Dispatcher.HttpMethod, path: string, wanted: number, body?: Buffer) => {
          const url = new URL(path, `https://${address}`);
          const answer = await request(url, {
            method,
            dispatcher,
            signal: AbortSignal.any([signal, timeLimit(TIMEOUT_MS)]),
            headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
            ...(body === undefined ? {} : { body }),
          });
          const content = await buffer(answer.body);
          if (method === 'POST' && answer.statusCode === 405) throw new Skip('the registry is read-only');
          if (answer.statusCode !== wanted) {
            throw failure(`${method} ${url.pathname} was answered by ${answer.statusCode}, not ${wanted}`);
          }
          return { content, location: String(answer.headers.location) };
        };
        const layer = randomBytes(SIZE);
        const digest = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
        const { location } = await ask('POST', `/v2/${name}/blobs/uploads/`, 202);
        await ask('PUT', `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`, 201, layer);
        const { content } = await ask('GET', `/v2/${name}/blobs/${digest}`, 200);
        if (!content.equals(layer)) throw failure(`the layer read is not the layer written, ${digest}`);
        await ask('DELETE', `/v2/${name}/blobs/${digest}`, 202);
        note(`a layer of ${SIZE / 2 ** 20} MiB, the same bytes`);
      },
    }),
  ],
} satisfies ServiceChecks;

function failure(message: string): GantryError {
  return new GantryError({
    code: 'verify.container-image',
    whose: 'environment',
    message,
    next: 'Look at `gantry logs registry-server`.',
  });
}
