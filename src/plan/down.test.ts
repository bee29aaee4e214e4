import { describe, expect, it } from 'vitest';
import { planDown } from './down.ts';
import { formatPlan } from './format.ts';
import { makeCloud, observeUp } from './testing/cloud.ts';

describe('planDown', () => {
  it('stops what depends on others first, keeps volumes, and marks what destroys data', () => {
    const desired = makeCloud();
    const down = planDown(observeUp(desired), { cloud: 'demo', volumes: true, order: desired });
    expect(formatPlan(down)).toMatchInlineSnapshot(`
      "networks
        -   demo      the cloud is taken down

      volumes
        -   mariadb   the cloud is taken down with its data  (destroys data)

      nova
        -   nova-api  the cloud is taken down

      mariadb
        -   mariadb   the cloud is taken down

      Plan: 0 to create, 0 to replace, 4 to destroy. The data of 1 is destroyed.
      "
    `);
    const find = (id: string) => down.steps.find((step) => step.id === id)?.dependsOn;
    expect(find('instance.remove mariadb.0')).toEqual(['instance.remove nova-api.0']);
    const kept = planDown(observeUp(desired), { cloud: 'demo', volumes: false });
    expect(kept.steps.map((step) => step.id)).toEqual([
      'instance.remove mariadb.0',
      'instance.remove nova-api.0',
      'network.remove demo',
    ]);
  });
});
