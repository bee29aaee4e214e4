import { describe, expect, it } from 'vitest';
import type { Desired } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { Process } from '../model/workload.ts';
import { formatPlan } from './format.ts';
import { plan } from './planner.ts';
import { makeApi, makeCloud, observeUp, reference, stepsOf } from './testing/cloud.ts';
import { makeInstance } from './testing/simulator.ts';
import {
  makeDesired,
  makeFile,
  makeImage,
  makeJob,
  makeMariadb,
  makeProcess,
  observeNothing,
} from './testing/workloads.ts';

describe('plan', () => {
  it('makes everything on an empty engine, as early as dependencies allow', () => {
    const whole = plan(makeCloud(), observeNothing());
    expect(formatPlan(whole)).toMatchInlineSnapshot(`
      "images
        +   base          not built yet

      networks
        +   demo          is not there

      volumes
        +   mariadb       is not there

      mariadb
        +   mariadb       new

      nova
        >   nova-db-sync  not known to have succeeded: the database is not there yet
        +   nova-api      new

      keystone
        >   register      not known to have succeeded: the database is not there yet

      Plan: 5 to create, 0 to replace, 0 to destroy, 2 to run.
      "
    `);
    const dependencies = Object.fromEntries(whole.steps.map((step) => [step.id, step.dependsOn]));
    expect(dependencies).toMatchInlineSnapshot(`
      {
        "image.build base": [],
        "instance.start mariadb.0": [
          "image.build base",
          "network.create demo",
          "volume.create mariadb",
        ],
        "instance.start nova-api.0": [
          "image.build base",
          "network.create demo",
          "job.run nova-db-sync",
        ],
        "instance.wait mariadb.0": [
          "instance.start mariadb.0",
        ],
        "instance.wait nova-api.0": [
          "instance.start nova-api.0",
        ],
        "job.run nova-db-sync": [
          "image.build base",
          "network.create demo",
          "instance.wait mariadb.0",
        ],
        "network.create demo": [],
        "task.run register": [
          "instance.wait nova-api.0",
          "instance.wait mariadb.0",
        ],
        "volume.create mariadb": [],
      }
    `);
  });

  it('has nothing to do when all is as wanted', () => {
    expect(formatPlan(plan(makeCloud(), observeUp(makeCloud())))).toMatchInlineSnapshot(`
      "Nothing to do: nothing differs from what is wanted.
      "
    `);
  });

  it('replaces exactly the process whose option changed, and names the option but not its value', () => {
    const changed = makeCloud({ processes: [makeMariadb(), makeApi(2000)] });
    const result = plan(changed, observeUp(makeCloud()));
    expect(formatPlan(result)).toMatchInlineSnapshot(`
      "nova
        -/+ nova-api  config of nova-api changed: [api] max_limit

      Plan: 0 to create, 1 to replace, 0 to destroy.
      "
    `);
    expect(result.steps.map((step) => step.id)).toEqual([
      'instance.start nova-api.0',
      'instance.wait nova-api.0',
      'instance.remove nova-api.0',
    ]);
  });

  it('names what a process is limited to and kept on, where the engine tells what it was', () => {
    const api = (resources: Process['resources'], more: Partial<Process> = {}) =>
      makeApi(1000, { resources, ...more });
    const causeOf = (before: Process, after: Process) => {
      const observed = observeUp(makeCloud({ processes: [makeMariadb(), before] }));
      for (const one of observed.instances) {
        if (one.workload === 'nova-api') one.resources = before.resources;
      }
      const changed = makeCloud({ processes: [makeMariadb(), after] });
      return stepsOf(changed, observed)[0]?.replace(/^[^:]*: /, '');
    };
    expect(causeOf(api({ cpuset: '0-3' }), api({ cpuset: '4-7', memoryMiB: 512 }))).toBe(
      'memory limit of nova-api changed from none to 512 MiB; CPUs of nova-api changed from 0-3 to 4-7',
    );
    expect(causeOf(api({ numaNodes: '0' }), api({}, { tmpfs: ['/run/x'] }))).toBe(
      'settings of nova-api changed; NUMA nodes of nova-api changed from 0 to none',
    );
    expect(causeOf(api({ cpus: 1 }), api({ cpus: 1 }, { tmpfs: ['/run/x'] }))).toBe(
      'settings of nova-api changed',
    );
  });

  it('stops a process that holds a volume before its successor starts, once its image is built', () => {
    const changed = makeCloud({ images: [makeImage('base', 'bbbbbbbbbbbb')] });
    const result = plan(changed, observeUp(makeCloud()));
    expect(formatPlan(result)).toMatchInlineSnapshot(`
      "images
        +   base          what it is built from changed

      mariadb
        -/+ mariadb       image of mariadb changed

      nova
        >   nova-db-sync  its schema or settings changed
        -/+ nova-api      image of nova-api changed

      Plan: 1 to create, 2 to replace, 0 to destroy, 1 to run.
      "
    `);
    const find = (id: string) => result.steps.find((step) => step.id === id)?.dependsOn;
    expect(find('instance.remove mariadb.0')).toEqual(['image.build base']);
    expect(find('instance.start mariadb.0')).toContain('instance.remove mariadb.0');
    expect(find('job.run nova-db-sync')).toContain('instance.wait mariadb.0');
    expect(find('instance.start nova-api.0')).toContain('job.run nova-db-sync');
  });

  it('has a changed reloadable file taken up without a replacement', () => {
    const haproxy = (content: string) =>
      makeProcess('haproxy', { files: [makeFile('/etc/gantry/haproxy.cfg', content, { reloadable: true })] });
    const before = makeDesired({ processes: [makeMariadb(), haproxy('a')] });
    const after = makeDesired({ processes: [makeMariadb(), haproxy('b')] });
    expect(stepsOf(after, observeUp(before))).toEqual([
      'instance.reload haproxy.0: file /etc/gantry/haproxy.cfg of haproxy changed',
    ]);
  });

  it('removes surplus replicas only when those that stay are healthy', () => {
    const three = makeDesired({ processes: [makeMariadb(), makeProcess('web', { replicas: 2 })] });
    const observed = observeUp(three);
    const first = observed.instances.find((one) => one.workload === 'web' && one.ordinal === 0);
    Object.assign(first as ObservedInstance, { health: 'unhealthy' });
    const result = plan(makeDesired({ processes: [makeMariadb(), makeProcess('web')] }), observed);
    const removal = result.steps.find((step) => step.id === 'instance.remove web.1');
    expect(removal?.dependsOn).toEqual(['instance.wait web.0']);
    expect(removal?.cause).toBe('no longer wanted');
  });

  it('replaces the members of a cluster one after another', () => {
    const cluster = (command: string) =>
      makeDesired({ processes: [makeMariadb({ replicas: 3, command: [command] })] });
    const result = plan(cluster('new'), observeUp(cluster('old')));
    const find = (id: string) => result.steps.find((step) => step.id === id)?.dependsOn;
    expect(find('instance.remove mariadb.0')).toEqual([]);
    expect(find('instance.remove mariadb.1')).toEqual(['instance.wait mariadb.0']);
    expect(find('instance.remove mariadb.2')).toEqual(['instance.wait mariadb.1']);
  });

  it('replaces what serves a few at a time, and what does not serve at once', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const cloud = (command: string) =>
      makeDesired({
        processes: [makeMariadb(), ...names.map((name) => makeProcess(name, { command: [command] }))],
      });
    const observed = observeUp(cloud('old'));
    const ill = observed.instances.find((one) => one.workload === 'f');
    Object.assign(ill as ObservedInstance, { health: 'unhealthy' });
    const { steps } = plan(cloud('new'), observed);
    const find = (id: string) => steps.find((step) => step.id === id)?.dependsOn;
    const starts = names.map((name) => find(`instance.start ${name}.0`));
    expect(starts).toEqual([[], [], [], ['instance.wait a.0'], ['instance.wait b.0'], []]);
    expect(find('instance.remove d.0')).toEqual(['instance.wait d.0']);
  });

  it('replaces what has copies on a device each one after another, once all of them serve', () => {
    const names = ['disk-1', 'disk-2', 'disk-3', 'disk-4'];
    const cloud = (command: string) =>
      makeDesired({
        processes: [
          makeMariadb(),
          ...names.map((name) => makeProcess(name, { instanceOf: 'disk', command: [command] })),
        ],
      });
    const observed = observeUp(cloud('old'));
    const ill = observed.instances.find((one) => one.workload === 'disk-3');
    Object.assign(ill as ObservedInstance, { health: 'unhealthy' });
    const { steps } = plan(cloud('new'), observed);
    expect(names.map((name) => steps.find(({ id }) => id === `instance.start ${name}.0`)?.dependsOn)).toEqual(
      [
        ['instance.wait disk-3.0'],
        ['instance.wait disk-3.0', 'instance.wait disk-1.0'],
        [],
        ['instance.wait disk-3.0', 'instance.wait disk-2.0'],
      ],
    );
  });

  it('removes what is no longer wanted, but never a volume', () => {
    const result = plan(
      makeDesired({ volumes: [], processes: [makeMariadb({ volumes: [] })] }),
      observeUp(makeCloud()),
    );
    expect(result.steps.filter((step) => step.resource === 'nova-api').map((step) => step.cause)).toEqual([
      'no longer wanted',
    ]);
    expect(result.steps.some((step) => step.kind === 'volume.remove')).toBe(false);
  });

  it('runs a job again when its content changed, and first removes what an earlier run left', () => {
    const observed = observeUp(makeCloud());
    const job = makeJob('nova-db-sync', { after: ['process:mariadb'], command: ['upgrade'] });
    observed.instances.push(makeInstance(job, reference, { state: 'exited', health: 'none' }));
    expect(stepsOf(makeCloud({ jobs: [job] }), observed)).toEqual([
      'instance.remove nova-db-sync: left over from an earlier run of nova-db-sync',
      'job.run nova-db-sync: its schema or settings changed',
    ]);
  });

  it('says where an image is looked for before it is built', () => {
    const image = { ...makeImage('base'), registry: 'registry.example.org:5000/cloud' };
    expect(stepsOf(makeDesired({ images: [image] }), observeNothing())).toContain(
      'image.build base: not built yet; pulled where registry.example.org:5000/cloud has it',
    );
  });

  it('makes all instances anew when the network they are attached to changes', () => {
    const moved = makeCloud({
      networks: [{ name: 'demo', role: 'internal', subnet: '10.7.0.0/24', gateway: '10.7.0.1' }],
    });
    const result = plan(moved, observeUp(makeCloud()));
    expect(result.steps.map((step) => step.id)).toMatchInlineSnapshot(`
      [
        "instance.remove nova-api.0",
        "instance.remove mariadb.0",
        "network.remove demo",
        "network.create demo",
        "instance.start mariadb.0",
        "instance.start nova-api.0",
        "instance.wait mariadb.0",
        "instance.wait nova-api.0",
      ]
    `);
    expect(new Set(result.steps.map((step) => step.cause))).toEqual(
      new Set(['subnet of network demo changed from 10.0.0.0/24 to 10.7.0.0/24']),
    );
    expect(result.steps.some((step) => step.destroys)).toBe(false);
  });

  it('names what changed around a container that it was created with', () => {
    const at = (surroundings: Record<string, string>) =>
      makeCloud({ processes: [makeMariadb(), makeApi(500, { surroundings })] });
    const before = observeUp(
      at({ 'the public address': '127.0.0.1', 'the address of rabbitmq': '10.0.0.2' }),
    );
    const moved = at({
      'the public address': '192.0.2.7',
      'the address of rabbitmq': '10.0.0.2',
      'the address of cinder': '10.0.0.3',
    });
    const cause =
      'the address of cinder, 10.0.0.3, is not known to nova-api; ' +
      'the public address changed from 127.0.0.1 to 192.0.2.7 for nova-api';
    expect(new Set(stepsOf(moved, before))).toEqual(
      new Set([
        `instance.start nova-api.0: ${cause}`,
        `instance.wait nova-api.0: ${cause}`,
        `instance.remove nova-api.0: ${cause}`,
      ]),
    );
    expect(stepsOf(moved, observeUp(moved))).toEqual([]);
  });

  it('makes a network anew when its addresses are to be translated no more, or again', () => {
    const network = { name: 'demo', role: 'internal', subnet: '10.0.0.0/24', gateway: '10.0.0.1' } as const;
    const [on, off] = [true, false].map((nat) => makeCloud({ networks: [{ ...network, nat }] }));
    const causes = (steps: string[]) => new Set(steps.map((step) => step.replace(/^.*?: /, '')));
    expect(causes(stepsOf(off as Desired, observeUp(on as Desired)))).toEqual(
      new Set(['address translation of network demo was switched off']),
    );
    expect(causes(stepsOf(on as Desired, observeUp(off as Desired)))).toEqual(
      new Set(['address translation of network demo was switched on']),
    );
    expect(stepsOf(makeCloud(), observeUp(on as Desired))).toEqual([]);
  });
});
