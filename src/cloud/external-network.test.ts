import { expect, test, vi } from 'vitest';
import { cloudSchema } from '../config/schema.ts';
import type { ServiceDeclaration } from '../model/declaration.ts';
import type { Cloud } from './cloud.ts';
import { checkAttached, externalNetwork, warnOfUnattached, wireOf } from './external-network.ts';

function cloudWith(given: { engine: string; interface?: string }): Pick<Cloud, 'config' | 'declared'> {
  const config = cloudSchema([]).parse({ engine: given.engine, public: { address: '192.0.2.1' } });
  const declared = {
    wires: [{ process: 'switch', interface: given.interface, takesAddress: false }],
    physicalNetworks: [{ name: 'outside', mtu: 1400 }],
  };
  return { config: config as Cloud['config'], declared: declared as unknown as Required<ServiceDeclaration> };
}

test('the external network has its name from who drives it, and its addresses from the cloud', () => {
  const cloud = cloudWith({ engine: 'docker', interface: 'eth1' });
  expect(externalNetwork(cloud)).toMatchObject({ physicalNetwork: 'outside', subnet: '10.29.29.0/24' });
  expect(wireOf(cloud)).toMatchObject({
    process: 'switch',
    name: 'eth1',
    mtu: 1400,
    pool: { start: '10.29.29.20' },
  });
});

test('without an interface, floating IPs lead nowhere on nodes of a cluster, and nowhere else', () => {
  const found = checkAttached(cloudWith({ engine: 'kubernetes' }));
  expect(found).toMatchObject([{ check: 'external interface', level: 'warning' }]);
  expect(checkAttached(cloudWith({ engine: 'kubernetes', interface: 'eth1' }))).toEqual([]);
  expect(checkAttached(cloudWith({ engine: 'docker' }))).toEqual([]);
});

test('what logs in to servers says so before it starts', () => {
  const emit = vi.fn();
  warnOfUnattached(cloudWith({ engine: 'kubernetes' }), emit);
  expect(JSON.stringify(emit.mock.calls)).toContain('network.external.interface is not set');
});
