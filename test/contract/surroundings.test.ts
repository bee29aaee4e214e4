import { expect, test } from 'vitest';
import { fixedAddressProcesses } from '../../engines/docker/render.ts';
import { withSurroundings } from '../../engines/docker/surroundings.ts';
import { identityOf } from '../../src/plan/identity.ts';
import { loadCatalogue } from '../../src/resolve/catalogue.ts';
import { projectRoot } from '../../src/root.ts';
import { renderCloud } from './cloud.ts';

const cloud = renderCloud(await loadCatalogue(projectRoot())).desired;
const fixed = fixedAddressProcesses(cloud.processes).map(({ name }) => name);
const addresses = Object.fromEntries(fixed.map((name, index) => [name, `10.29.28.${index + 2}`]));

/** Processes that are replaced when the cloud is at `publicAddress` and a process has another address. */
function replaced(publicAddress: string, moved: Record<string, string> = {}): string[] {
  const identities = [
    withSurroundings(cloud, addresses),
    withSurroundings({ ...cloud, publicAddress }, { ...addresses, ...moved }),
  ].map(({ processes }) => processes.map((one) => [one.name, identityOf(one, one.image).identity] as const));
  const before = new Map(identities[0]);
  return (identities[1] ?? [])
    .filter(([name, identity]) => before.get(name) !== identity)
    .map(([name]) => name);
}

test('another public address replaces what publishes ports there, and nothing else', () => {
  expect(replaced(cloud.publicAddress)).toEqual([]);
  expect(replaced('192.0.2.99')).toEqual(['haproxy']);
});

test('another address of a process replaces what reaches it from the network of the node', () => {
  expect(replaced(cloud.publicAddress, { rabbitmq: '10.29.28.99' })).toEqual([
    'ironic-conductor',
    'nova-compute',
  ]);
  expect(replaced(cloud.publicAddress, { 'ovn-sb': '10.29.28.99' })).toContain('openvswitch');
});
