import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../client.ts';
import { type CloudInTest, expectDone } from './cloud.ts';

const content = randomBytes(16 * 2 ** 20);
const digest = createHash('sha256').update(content).digest('hex');

export function testGuests(use: () => CloudInTest): void {
  describe('images for servers that cloud.yaml lists', () => {
    let server: Server;
    let url: string;
    /** The Range header of each request. */
    const asked: (string | undefined)[] = [];

    beforeAll(async () => {
      // Goes away in the middle of what it is asked for first.
      server = createServer((request, response) => {
        asked.push(request.headers.range);
        const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
        const size = content.length;
        response.writeHead(start > 0 ? 206 : 200, {
          'content-length': size - start,
          ...(start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {}),
        });
        if (asked.length > 1) response.end(content.subarray(start));
        else response.write(content.subarray(0, size / 2), () => response.socket?.end());
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/guest.img`;
    });

    afterAll(async () => {
      server.closeAllConnections();
      server.close();
      await use().configure();
    });

    const guest = (name: string, sha256: string) =>
      `images:\n  guests:\n    - {name: ${name}, url: '${url}', checksum: 'sha256:${sha256}', format: raw}\n`;

    test('are downloaded, and after an interruption the rest of them', async () => {
      const { gantry } = use();
      await use().configure(guest('from-url', digest));
      const interrupted = await gantry.run('up');
      expect(interrupted.code).toBe(1);
      expect(interrupted.stderr).toContain(`${url} could not be downloaded`);
      expect(interrupted.stderr).toContain('it goes on where it stopped');
      await expectDone(use(), 'up');
      expect(asked).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
      expect(await (await ApiClient.open(gantry)).imageDigest('from-url')).toBe(digest);

      await expectDone(use(), 'up');
      expect(asked).toHaveLength(2);
      await expectDone(use(), 'openstack', 'image', 'delete', 'from-url');
    });

    test('are not taken where they are not what their checksum says', async () => {
      const { gantry } = use();
      await use().configure(
        guest(
          'forged',
          digest.replace(/^./, (first) => (first === '0' ? '1' : '0')),
        ),
      );
      const { code, stderr } = await gantry.run('up');
      expect(code).toBe(1);
      expect(stderr).toContain('is not what its checksum says');
      const images = await gantry.output('openstack', 'image', 'list', '-f', 'value', '-c', 'Name');
      expect(images.split('\n')).not.toContain('forged');
    });
  });
}
