import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { ApiClient } from '../client.ts';
import type { CloudInTest } from './cloud.ts';

/** The consoles that Nova's API knows, protocol and type, and the microversion that asks for each. */
const consoles = [
  ['vnc', 'novnc', '2.90'],
  ['vnc', 'xvpvnc', '2.90'],
  ['serial', 'serial', '2.90'],
  ['spice', 'spice-html5', '2.90'],
  ['spice', 'spice-direct', '2.99'],
  ['mks', 'webmks', '2.90'],
] as const;

/** Ports that the cloud shows to its users. */
export function testDoors(use: () => CloudInTest): void {
  test('lead to an instance that fails its check where there is no other: slow is better than not at all', async () => {
    const { gantry } = use();
    const api = await ApiClient.open(gantry);
    const tell = async (...commands: string[]) => {
      const script = commands
        .map((command) => `echo '${command}' | socat - /run/haproxy/admin.sock`)
        .join('\n');
      return gantry.output('exec', 'haproxy', '--', 'sh', '-ec', script);
    };
    const checked = Array.from({ length: 16 }, (_, index) => `placement-api/placement-api-${index + 1}`);
    try {
      await tell(
        ...checked.flatMap((server) => [`disable health ${server}`, `set server ${server} health down`]),
      );
      expect(await tell('show stat')).toMatch(/^placement-api,BACKEND,.*,UP,/m);
      expect(await api.status('placement', '/')).toBe(200);
    } finally {
      await tell(...checked.map((server) => `enable health ${server}`));
    }
  });

  describe('consoles', () => {
    test('of every type are at the address that the API gives, or refused by it with a sentence', async () => {
      const api = await ApiClient.open(use().gantry);
      const listed = await api.askCompute<{ servers: { id: string }[] }>(
        '/servers?all_tenants=1&name=^demo$',
        '2.90',
      );
      const answers: Record<string, string> = {};
      const addresses: string[] = [];
      for (const [protocol, type, microversion] of consoles) {
        const { status, body } = await api.askCompute<{
          remote_console?: { url: string };
          badRequest?: { message: string };
        }>(`/servers/${listed.body.servers[0]?.id}/remote-consoles`, microversion, {
          remote_console: { protocol, type },
        });
        answers[type] = `${status}: ${body.badRequest?.message}`;
        if (!body.remote_console) continue;
        const { url } = body.remote_console;
        answers[type] = `${await api.pageStatus(url)} at its address`;
        addresses.push(new URL('/', url).href);
      }
      const refused = (type: string) => `400: Unavailable console type ${type}.`;
      expect(answers).toEqual({
        novnc: '200 at its address',
        xvpvnc: '400: Invalid console type xvpvnc',
        serial: refused('serial'),
        'spice-html5': refused('spice-html5'),
        'spice-direct': refused('spice-direct'),
        webmks: refused('webmks'),
      });
      for (const address of addresses) expect(await api.pageStatus(address), address).toBe(200);
    });
  });

  describe('HTTP without TLS', () => {
    test('is told at every public port what address to use, and browsers are led there', async () => {
      const api = await ApiClient.open(use().gantry);
      const hosts = api.publicHosts();
      expect(hosts.length).toBeGreaterThan(4);
      for (const host of hosts) {
        const { status, body } = await ask(`http://${host}/v3`);
        expect({ status, body }, host).toEqual({
          status: 400,
          body: expect.stringContaining(`use https://${host} instead of http://`),
        });
        const browser = await ask(`http://${host}/vnc_auto.html?a=b`, { accept: 'text/html,*/*' });
        expect(browser, host).toMatchObject({ status: 302, location: `https://${host}/vnc_auto.html?a=b` });
      }
    });
  });
}

function ask(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; location: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, timeout: 10_000 }, (answer) => {
      const { statusCode: status, headers: said } = answer;
      text(answer).then((body) => resolve({ status, location: said.location, body }), reject);
    });
    request.on('timeout', () => request.destroy(new Error(`${url} did not answer`))).on('error', reject);
  });
}
