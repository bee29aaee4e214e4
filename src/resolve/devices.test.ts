import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockDevices, section } from '../model/settings/fields.ts';
import type { PlacedDevice, Process } from '../model/workload.ts';
import { observeUp, stepsOf } from '../plan/testing/cloud.ts';
import { makeDesired, makeJob, makeMariadb, makeProcess, makeTask } from '../plan/testing/workloads.ts';
import { checkDevices, deviceLists, spreadOverDevices } from './devices.ts';

const disk = (name: string, node?: string): PlacedDevice => ({
  path: `/dev/disk/by-id/${name}`,
  ...(node === undefined ? {} : { node }),
});

/** A cloud with one telescope for each device. */
function cloudWith(devices: readonly PlacedDevice[], more: Partial<Process> = {}) {
  const telescope = makeProcess('telescope', {
    spread: 'perDevice',
    perDevice: { devices, path: '/dev/telescope', content: ['own'] },
    ...more,
  });
  const dome = makeProcess('dome', { after: ['process:telescope'], reaches: ['telescope', 'mariadb'] });
  const desired = makeDesired({
    processes: [makeMariadb(), telescope, dome],
    jobs: [makeJob('align', { after: ['retired:telescope', 'process:mariadb'] })],
    tasks: [makeTask('look', { after: ['process:telescope', 'job:align'] })],
  });
  return { ...desired, ...spreadOverDevices(desired) };
}

const namesOf = (devices: readonly PlacedDevice[]) =>
  cloudWith(devices)
    .processes.filter(({ instanceOf }) => instanceOf === 'telescope')
    .map(({ name }) => name);

describe('a process with one instance per device', () => {
  test('is one process for each, which has that device alone', () => {
    const { processes } = cloudWith([disk('wwn-1', 'n1'), disk('WWN_2')]);
    const [one, two] = processes.filter(({ instanceOf }) => instanceOf === 'telescope');
    expect(one?.name).toMatch(/^telescope-wwn-1-[0-9a-f]{6}$/);
    expect(one).toMatchObject({ spread: 'replicas', replicas: 1, update: 'recreate', node: 'n1' });
    expect(one?.needs.devices).toEqual([
      { block: '/dev/disk/by-id/wwn-1', path: '/dev/telescope', content: ['own'] },
    ]);
    expect(one).not.toHaveProperty('perDevice');
    expect(two?.name).toMatch(/^telescope-wwn-2-[0-9a-f]{6}$/);
    expect(two).not.toHaveProperty('node');
  });

  test('is told its name where it asks for it', () => {
    const perDevice = { devices: [{ volume: 'lens-1' }], path: '/srv/lens', named: true };
    const { processes } = cloudWith([], { command: ['watch'], perDevice });
    expect(processes.find(({ name }) => name === 'lens-1')?.command).toEqual(['watch', 'lens-1']);
  });

  test('is waited for and reached in all of its instances', () => {
    const { processes, jobs, tasks } = cloudWith([disk('a'), disk('b')]);
    const [a, b] = namesOf([disk('a'), disk('b')]);
    const dome = processes.find(({ name }) => name === 'dome');
    expect(dome?.after).toEqual([`process:${a}`, `process:${b}`]);
    expect(dome?.reaches).toEqual([a, b, 'mariadb']);
    expect(jobs[0]?.after).toEqual([`retired:${a}`, `retired:${b}`, 'process:mariadb']);
    expect(tasks[0]?.after).toEqual([`process:${a}`, `process:${b}`, 'job:align']);
  });

  const devices = fc.uniqueArray(
    fc.record({
      path: fc.stringMatching(/^\/dev\/[a-zA-Z0-9_:.-]{1,60}$/),
      node: fc.option(fc.constantFrom('n1', 'n2'), { nil: undefined }),
    }),
    { selector: ({ path, node }) => `${node}:${path}`, maxLength: 6 },
  );

  test('has names by the devices, which are labels, whatever their order', () => {
    fc.assert(
      fc.property(devices, (given) => {
        const names = namesOf(given);
        expect(new Set(names).size).toBe(given.length);
        expect(namesOf([...given].reverse())).toEqual([...names].reverse());
        for (const name of names) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  test('gets and loses exactly the instance of a device that comes or goes', () => {
    const [a, b, c] = [disk('a'), disk('b'), disk('c')];
    // Nothing waits for the telescopes here, so that nothing else is to do.
    const bare = (given: readonly PlacedDevice[]) => {
      const cloud = cloudWith(given);
      const processes = cloud.processes.filter(({ name }) => name !== 'dome');
      return { ...cloud, processes, jobs: [], tasks: [] };
    };
    const [, , added] = namesOf([a, b, c]);
    const [first] = namesOf([a]);
    expect(stepsOf(bare([c, a, b]), observeUp(bare([a, b])))).toEqual([
      `instance.start ${added}.0: is not there`,
      `instance.wait ${added}.0: is not there`,
    ]);
    expect(stepsOf(bare([b]), observeUp(bare([a, b])))).toEqual([
      `instance.remove ${first}.0: no longer wanted`,
    ]);
    expect(stepsOf(bare([b, a]), observeUp(bare([a, b])))).toEqual([]);
  });

  test.each<[string, Partial<Process>]>([
    ['devices', { perDevice: undefined as never }],
    ['volume data', { volumes: [{ volume: 'data', path: '/data' }] }],
    ['aliases', { aliases: ['sky'] }],
  ])('is a mistake of the catalogue with wrong %s', (word, more) => {
    expect(() => cloudWith([disk('a')], more)).toThrow(
      expect.objectContaining({ code: 'process.per-device', message: expect.stringContaining(word) }),
    );
  });
});

describe('the setting', () => {
  const shape = { sky: section({ telescopes: blockDevices() }), radio: blockDevices() };
  const check = (telescopes: PlacedDevice[], engine: 'docker' | 'kubernetes', radio: PlacedDevice[] = []) =>
    checkDevices(deviceLists(shape, { sky: { telescopes }, radio }), engine).map(
      ({ path, message }) => `${path.join('.')} ${message}`,
    );

  test('shares no device with another', () => {
    expect(check([disk('a')], 'docker', [disk('b')])).toEqual([]);
    expect(check([disk('a')], 'docker', [disk('b'), disk('a')])).toEqual([
      'radio has /dev/disk/by-id/a, which sky.telescopes has already',
    ]);
    expect(check([disk('a', 'n1')], 'kubernetes', [disk('a', 'n2')])).toEqual([]);
  });

  test('names nodes exactly where there are several', () => {
    expect(check([disk('a')], 'docker')).toEqual([]);
    expect(check([disk('a', 'n1')], 'kubernetes')).toEqual([]);
    expect(check([disk('a'), disk('b', 'n1')], 'docker')).toEqual([
      'sky.telescopes names the node of /dev/disk/by-id/b, and the engine docker runs on one machine',
    ]);
    expect(check([disk('a', 'n1'), disk('b')], 'kubernetes')).toEqual([
      'sky.telescopes does not say which node has /dev/disk/by-id/b',
    ]);
  });

  test.each(['sda', '/etc/passwd', '/dev/', "/dev/a'b", '/dev/../etc/x', '/dev/a b'])(
    '"%s" is no path of a device',
    (path) => expect(blockDevices().safeParse([{ path }]).success).toBe(false),
  );

  test('has each device once', () => {
    const twice = blockDevices().safeParse([disk('a', 'n1'), disk('a', 'n2'), disk('a', 'n1')]);
    expect(twice.error?.issues).toMatchObject([{ path: [2, 'path'], message: 'is in the list already' }]);
  });
});
