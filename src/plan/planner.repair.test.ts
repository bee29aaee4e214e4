import { describe, expect, it } from 'vitest';
import type { ObservedInstance } from '../model/observed.ts';
import { makeApi, makeCloud, observeApi, observeUp, reference, stepsOf } from './testing/cloud.ts';
import { makeInstance } from './testing/simulator.ts';
import { makeDesired, makeFile, makeMariadb, makeProcess } from './testing/workloads.ts';

describe('plan, where something is not as it was left', () => {
  it.each([
    [
      { state: 'exited' as const, health: 'none' as const, exitCode: 137 },
      [
        'instance.restart nova-api.0: nova-api had stopped (exit code 137)',
        'instance.wait nova-api.0: nova-api had stopped (exit code 137)',
      ],
    ],
    [
      { health: 'unhealthy' as const, detail: 'first\nconnection refused' },
      ['instance.wait nova-api.0: nova-api is unhealthy: connection refused'],
    ],
    [{ health: 'starting' as const }, ['instance.wait nova-api.0: nova-api is still starting']],
    [
      { state: 'restarting' as const, health: 'none' as const, exitCode: 1 },
      [
        'instance.restart nova-api.0: nova-api keeps stopping (exit code 1)',
        'instance.wait nova-api.0: nova-api keeps stopping (exit code 1)',
      ],
    ],
    [
      { state: 'created' as const, health: 'none' as const },
      [
        'instance.start nova-api.0: nova-api was only half made',
        'instance.wait nova-api.0: nova-api was only half made',
      ],
    ],
  ])('brings back an instance that is %j', (changes, expected) => {
    expect(stepsOf(makeCloud(), observeApi(changes))).toEqual(expected);
  });

  it('makes a stopped instance anew when the file it may have stopped for changed', () => {
    const haproxy = (content: string) =>
      makeProcess('haproxy', { files: [makeFile('/etc/gantry/haproxy.cfg', content, { reloadable: true })] });
    const observed = observeUp(makeDesired({ processes: [makeMariadb(), haproxy('broken')] }));
    const instance = observed.instances.find((one) => one.workload === 'haproxy');
    Object.assign(instance as ObservedInstance, { state: 'exited', health: 'none', exitCode: 1 });
    const cause = 'haproxy had stopped (exit code 1); file /etc/gantry/haproxy.cfg of haproxy changed';
    expect(stepsOf(makeDesired({ processes: [makeMariadb(), haproxy('good')] }), observed)).toEqual([
      `instance.remove haproxy.0: ${cause}`,
      `instance.start haproxy.0: ${cause}`,
      `instance.wait haproxy.0: ${cause}`,
    ]);
  });

  it('keeps the instance of the right identity of several left by an interruption', () => {
    const observed = observeUp(makeCloud());
    const old = makeInstance(makeApi(1), reference, { id: 'zz-old' });
    const second = makeInstance(makeApi(1000), reference, { id: 'aa-second', health: 'unhealthy' });
    observed.instances.push(old, second);
    expect(stepsOf(makeCloud(), observed)).toEqual([
      'instance.remove nova-api.0: a second nova-api, left by an interruption',
      'instance.remove nova-api.0 #2: config of nova-api changed: [api] max_limit',
    ]);
  });

  it('runs jobs and tasks when the database cannot say that they succeeded', () => {
    expect(stepsOf(makeCloud(), { ...observeUp(makeCloud()), ledger: undefined })).toEqual([
      'job.run nova-db-sync: not known to have succeeded: the database does not answer',
      'task.run register: not known to have succeeded: the database does not answer',
    ]);
  });
});
