import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NodeShares } from '../cloud/resources.ts';
import { formatCpuList } from '../model/cpu-list.ts';
import { drawNode } from './cpu-picture.ts';

const range = (first: number, count: number, step = 1) =>
  Array.from({ length: count }, (_, index) => first + index * step);

const nodeWith = (part: Partial<NodeShares>): NodeShares => ({
  node: undefined,
  cpus: range(0, 16),
  numaNodes: [],
  shares: [],
  elsewhere: { processes: 0, others: [] },
  ...part,
});

describe('the picture of a node', () => {
  test('has a letter for each CPU, and says what the letters mean', () => {
    const node = nodeWith({
      numaNodes: [
        { number: 0, cpus: range(0, 8) },
        { number: 1, cpus: range(8, 8) },
      ],
      shares: [
        { cpus: '0-1', whose: ['ceph-osd-1'] },
        { cpus: '4-7,12-15', whose: ['servers with CPUs to themselves'] },
        { cpus: '8-9', whose: ['ceph-osd-2', 'ceph-osd-3'] },
      ],
      elsewhere: { processes: 44, others: ['servers'] },
    });
    expect(drawNode(node)).toBe(`CPU     0        8
NUMA 0  aa..bbbb
NUMA 1           cc..bbbb

   CPUS       KEPT FOR
a  0-1        ceph-osd-1
b  4-7,12-15  servers with CPUs to themselves
c  8-9        ceph-osd-2, ceph-osd-3
.  2-3,10-11  nobody

Kept nowhere: 44 processes and servers, on any CPU that the node lets them have.`);
  });

  test('shows NUMA nodes whose CPUs take turns, CPUs that several have, and leaves out those that are off', () => {
    const node = nodeWith({
      cpus: range(0, 7),
      numaNodes: [
        { number: 0, cpus: range(0, 4, 2) },
        { number: 1, cpus: range(1, 3, 2) },
      ],
      shares: [
        { cpus: '0-1', whose: ['mariadb'] },
        { cpus: '1-2', whose: ['rabbitmq'] },
      ],
    });
    expect(drawNode(node)).toBe(`CPU     0
NUMA 0  a b . .
NUMA 1   + . .

   CPUS  KEPT FOR
a  0-1   mariadb
b  1-2   rabbitmq
+        several of these
.  3-6   nobody`);
  });

  test('names the first of many that share CPUs', () => {
    const whose = ['mariadb', 'rabbitmq', 'memcached', 'haproxy', 'keystone-api', 'nova-api'];
    expect(drawNode(nodeWith({ shares: [{ cpus: '0-3', whose }] }))).toContain(
      'a  0-3   mariadb, rabbitmq, memcached, haproxy and 2 more\n',
    );
  });

  test('of 128 CPUs keeps within 80 columns', () => {
    const node = nodeWith({
      cpus: range(0, 128),
      numaNodes: [
        { number: 0, cpus: [...range(0, 32), ...range(64, 32)] },
        { number: 1, cpus: [...range(32, 32), ...range(96, 32)] },
      ],
      shares: [{ cpus: '0-15,64-79', whose: ['ceph-osd-1'] }],
    });
    const picture = drawNode(node).split('\n\n')[0] ?? '';
    expect(picture).toBe(`CPU     0        8        16       24       32       40       48       56
NUMA 0  aaaaaaaa aaaaaaaa ........ ........
NUMA 1                                      ........ ........ ........ ........
CPU     64       72       80       88       96       104      112      120
NUMA 0  aaaaaaaa aaaaaaaa ........ ........
NUMA 1                                      ........ ........ ........ ........`);
  });

  test('shows every CPU once, however many there are and however wide the terminal is', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 20, max: 200 }), fc.nat(300), (given, width, split) => {
        const cpus = given.sort((a, b) => a - b);
        const parts = [cpus.filter((cpu) => cpu < split), cpus.filter((cpu) => cpu >= split)];
        const numaNodes = parts
          .map((own, number) => ({ number, cpus: own }))
          .filter((one) => one.cpus.length > 0);
        const shares = [{ cpus: formatCpuList(cpus.slice(0, 5)), whose: ['mariadb'] }];
        const [picture = ''] = drawNode(nodeWith({ cpus, numaNodes, shares }), width).split('\n\n');
        const lines = picture.split('\n').filter((line) => line.startsWith('NUMA'));
        const letters = lines.map((line) => line.slice(8)).join('');
        expect(letters.replaceAll(/[^a]/g, '')).toHaveLength(Math.min(5, cpus.length));
        expect(letters.replaceAll(' ', '')).toHaveLength(cpus.length);
        for (const line of picture.split('\n')) expect(line.length).toBeLessThanOrEqual(Math.max(width, 17));
      }),
    );
  });
});
