import { expect, test } from 'vitest';
import { nodeNetwork } from './node-network.ts';

test('the names that a cloud has in the network of its node fit the kernel, and are told apart', () => {
  for (const cloud of ['demo', 'a-cloud-with-a-long-name']) {
    const names = Object.values(nodeNetwork(cloud));
    expect(names.every((name) => name.length <= 15)).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  }
  expect(nodeNetwork('demo')).toEqual({
    internal: 'demo-in',
    external: 'demo-ex',
    wireOutside: 'demo-exo',
    wireInside: 'demo-exi',
    tunnel: 'demo-tun',
  });
});
