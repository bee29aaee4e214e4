import { expect, test } from 'vitest';
import forecast from './forecast.ts';
import status, { type CephStatus } from './status.ts';

const osd = {
  host: 'ceph-osd-1',
  node: null,
  id: 0,
  up: true,
  in: true,
  weight: 0.02,
  size: 20 * 2 ** 30,
  used: 2 ** 30,
  groups: 81,
};
const monitor = { name: 'a', inQuorum: true, leads: true, skew: 0 };
const read = (told: Partial<CephStatus>) =>
  status.read(
    JSON.stringify({
      health: 'HEALTH_OK',
      warnings: [],
      isManaged: true,
      monitors: [monitor],
      osds: [osd],
      ...told,
    }),
  );

test('each OSD is told of in words', () => {
  const state = (of: object) => read({ osds: [{ ...osd, ...of }] }).rows[0]?.[2];
  expect(read({}).rows).toEqual([['ceph-osd-1', 'osd.0', 'up', '81', '5 % of 20.0 GiB']]);
  expect(state({ up: false })).toBe('down');
  expect(state({ up: false, in: false })).toBe('down, and its data is placed elsewhere');
  expect(state({ weight: 0 })).toBe('is being emptied');
  expect(state({ weight: 0, groups: 0 })).toBe('empty');
  expect(read({ osds: [{ ...osd, size: null, used: null, groups: null }] }).rows[0]?.slice(3)).toEqual([
    '',
    '',
  ]);
});

test('nodes are told of where there are several', () => {
  expect(read({ osds: [{ ...osd, node: 'node-2' }] }).rows[0]?.slice(0, 2)).toEqual(['ceph-osd-1', 'node-2']);
});

test('of several monitors each is told of, by its instance: whether it is in the quorum, and whose clock is apart', () => {
  const others = [
    { name: 'b', inQuorum: true, leads: false, skew: -0.3 },
    { name: 'c', inQuorum: false, leads: false, skew: null },
  ];
  const { rows, problems } = read({ monitors: [monitor, ...others] });
  expect(rows.map((row) => row.slice(0, 3))).toEqual([
    ['ceph-mon.0', 'mon.a', 'in the quorum, which it leads'],
    ['ceph-mon.1', 'mon.b', "in the quorum; its clock is 0.30 s behind the leader's"],
    ['ceph-mon.2', 'mon.c', 'is not in the quorum'],
    ['ceph-osd-1', 'osd.0', 'up'],
  ]);
  expect(problems).toEqual(["the clock of mon.b is 0.30 s behind the leader's"]);
});

test('what Ceph warns of is a problem, and a manager that does not answer', () => {
  expect(read({}).problems).toEqual([]);
  const warnings = [{ code: 'OSD_DOWN', severity: 'HEALTH_WARN', text: '1 osds down' }];
  expect(read({ isManaged: false, warnings }).problems).toEqual([
    'the manager does not answer',
    '1 osds down (OSD_DOWN)',
  ]);
});

test('what the job would do is told, and why it would refuse', () => {
  expect(forecast.read('{"changes": ["osd.1 is emptied", "pool images is made"]}\n')).toEqual({
    text: 'osd.1 is emptied, pool images is made',
  });
  expect(forecast.read('{"refused": "ceph-osd-2 (osd.1) cannot go: it was not emptied"}')).toEqual({
    text: '',
    refused: 'ceph-osd-2 (osd.1) cannot go: it was not emptied',
  });
});
