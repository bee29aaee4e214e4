import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../../test/contract/cloud.ts';

interface Given {
  sessions: { servers: string[]; keys: string[] };
  settings: Record<string, unknown> & { ALLOWED_HOSTS: string[] };
}

async function render(facts: Parameters<typeof renderCloud>[1] = {}) {
  const { desired } = renderCloud(await loadCatalogue(projectRoot()), facts);
  const process = desired.processes.find(({ name }) => name === 'horizon');
  const file = process?.files.find(({ path }) => path.endsWith('/horizon.json'));
  return { desired, process, file, given: JSON.parse(file?.content ?? '') as Given };
}

describe('the dashboard', () => {
  test('answers to the names of the public side, and to no others', async () => {
    const named = await render({ facts: { publicHost: 'cloud.example.org', publicAddress: '192.0.2.7' } });
    expect(named.given.settings.ALLOWED_HOSTS).toEqual([
      'cloud.example.org',
      '192.0.2.7',
      'localhost',
      '127.0.0.1',
    ]);
    const everywhere = await render({ facts: { publicHost: 'cloud.example.org', publicAddress: '0.0.0.0' } });
    expect(everywhere.given.settings.ALLOWED_HOSTS).not.toContain('0.0.0.0');
  });

  test.each([
    [{}, 'https://cloud.example.org/'],
    [{ dashboard: 8443 }, 'https://cloud.example.org:8443/'],
  ])('is told of with its address, ports %o', async (publicPorts, url) => {
    const { desired } = await render({ facts: { publicHost: 'cloud.example.org', publicPorts } });
    expect(desired.dashboard).toBe(url);
  });

  test('keeps its keys in a file that it alone reads', async () => {
    const { file, given } = await render();
    expect(given.sessions.keys.length).toBeGreaterThan(0);
    expect(given.sessions.servers).toEqual(['memcached:11211']);
    expect(file).toMatchObject({ secret: true, uid: 0, gid: 918, mode: 0o440 });
  });

  test('asks others inside the cloud, and waits for none of them', async () => {
    const { process, given } = await render();
    expect(given.settings.OPENSTACK_KEYSTONE_URL).toBe('http://keystone:5000/v3');
    expect(process).toMatchObject({ after: [], needs: {}, readOnlyRoot: true });
    expect(process?.reaches).toContain('memcached');
  });
});
