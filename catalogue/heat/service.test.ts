import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from '../../test/contract/cloud.ts';

async function fileOf(
  process: string,
  end: string,
  facts: { serversAddress?: string; publicHost?: string } = {},
) {
  const { desired } = renderCloud(await loadCatalogue(projectRoot()), { facts });
  const found = desired.processes.find(({ name }) => name === process);
  return found?.files.find(({ path }) => path.endsWith(end))?.content ?? '';
}

test('servers are told the address that they reach, and users theirs', async () => {
  const loopback = await fileOf('heat-engine', '/heat.conf', {
    serversAddress: '10.29.29.1',
    publicHost: '127.0.0.1',
  });
  expect(loopback).toContain('heat_waitcondition_server_url = https://10.29.29.1:8000/v1/waitcondition\n');
  expect(loopback).toContain('url = https://10.29.29.1:8004/v1/%(tenant_id)s\n');
  const outside = await fileOf('heat-engine', '/heat.conf', { publicHost: 'cloud.example.org' });
  expect(outside).toContain('heat_metadata_server_url = https://cloud.example.org:8000\n');
});

test('the ports that servers call are published where they reach them, and no others', async () => {
  const { desired } = renderCloud(await loadCatalogue(projectRoot()), {
    facts: { serversAddress: '10.29.29.1' },
  });
  const ports = desired.processes.find(({ name }) => name === 'haproxy')?.ports ?? [];
  expect(ports.filter(({ forServers }) => forServers).map(({ publicPort }) => publicPort)).toEqual([
    8004, 8000, 6385,
  ]);
  expect(desired.serversAddress).toBe('10.29.29.1');
});

test('servers are given the authority that they are to trust', async () => {
  const data = JSON.parse(await fileOf('nova-metadata', '/vendor-data.json')) as { 'cloud-init': string };
  const [kind, content] = data['cloud-init'].split('\n');
  expect(kind).toBe('#cloud-config');
  expect(JSON.parse(content ?? '')).toEqual({ ca_certs: { trusted: ['authority\n'] } });
});

test('who acts for users has no rights but what they entrust to it', async () => {
  const { desired } = renderCloud(await loadCatalogue(projectRoot()));
  const action = desired.tasks.find(({ name }) => name === 'keystone-registrations')?.action;
  const accounts = action?.type === 'identity.register' ? action.accounts : [];
  expect(accounts.find(({ user }) => user === 'heat-trustee')).toMatchObject({ roles: [], trustee: true });
  expect(await fileOf('heat-engine', '/heat.conf')).toContain('trusts_delegated_roles = member\n');
});

test('servers may ask for their deployments', async () => {
  const policies = JSON.parse(await fileOf('heat-api', '/heat-policy.yaml')) as Record<string, string>;
  expect(policies['cloudformation:DescribeStackResource']).toContain('role:heat_stack_user');
});
