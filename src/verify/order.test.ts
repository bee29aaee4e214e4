import { expect, test } from 'vitest';
import { loadCatalogue } from '../resolve/catalogue.ts';
import { projectRoot } from '../root.ts';
import type { Check, CheckName, ServiceChecks } from './check.ts';
import { loadChecks } from './load.ts';
import { orderChecks } from './order.ts';

/** Services by what each of their checks needs. */
function services(...all: Record<string, string[]>[]): ServiceChecks[] {
  return all.map((checks) => ({
    checks: Object.entries(checks).map(
      ([name, needs]) => ({ name, needs, run: async () => undefined }) as unknown as Check,
    ),
  }));
}

const names = (checks: readonly Check[]): CheckName[] => checks.map(({ name }) => name);

test('a check comes after what it needs, and a service that others build on before them', () => {
  const all = services(
    { upload: ['user'] },
    { server: ['user', 'upload'] },
    { user: [], endpoints: ['user'] },
  );
  expect(names(orderChecks(all))).toEqual(['user', 'endpoints', 'upload', 'server']);
});

test('what needs a check of a service that is off is left out, with all that needs it', () => {
  const all = services({ user: [] }, { volume: ['storage'], attached: ['volume'], listed: ['user'] });
  expect(names(orderChecks(all))).toEqual(['user', 'listed']);
});

test('checks that are named run with what they need, and one that is not there is told of with the nearest', () => {
  const all = services({ user: [] }, { volume: ['user'], attached: ['volume'], listed: ['user'] });
  expect(names(orderChecks(all, ['attached']))).toEqual(['user', 'volume', 'attached']);
  expect(() => orderChecks(all, ['volumes'])).toThrow('no check "volumes"; did you mean "volume"?');
});

test('checks that need each other are an error', () => {
  expect(() => orderChecks(services({ a: ['b'] }, { b: ['a'] }))).toThrow('checks need each other: a, b, a');
});

test('the catalogue leaves none of its checks out, and shows them in the order in which a user goes', async () => {
  const catalogue = await loadCatalogue(projectRoot());
  const found = await loadChecks(
    projectRoot(),
    catalogue.filter(({ inPlaceOf }) => inPlaceOf === undefined),
  );
  const ordered = names(orderChecks(found));
  expect(ordered.toSorted()).toEqual(names(found.flatMap(({ checks }) => checks)).toSorted());
  expect(ordered).toEqual([
    'token',
    'catalogue',
    'metrics',
    'keys',
    'block pools',
    'file system',
    'volumes',
    'events',
    'stacks',
    'dashboard',
    'container images',
    'objects',
    'image upload',
    'image download',
    'alarms',
    'network and subnet',
    'security group',
    'key pair',
    'flavor',
    'hypervisor',
    'server accepted',
    'server ACTIVE',
    'server runs',
    'measures',
    'external network',
    'router',
    'floating IP',
    'console log',
    'DHCP',
    'metadata',
    'ping',
    'SSH',
    'SSH login',
    'transfer',
    'VNC console',
  ]);
});
