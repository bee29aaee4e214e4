import { describe, expect, it } from 'vitest';
import { ovn } from '../../catalogue/neutron/drivers/ovn.ts';
import { traces as compute } from '../../catalogue/nova/traces.ts';
import type { Domain } from './domain.ts';
import type { Evidence } from './evidence.ts';
import { climb, firstFailed, formatLadder } from './ladder.ts';

const hypervisor = { process: 'libvirt', accelerator: [], servers: [], disks: [], logins: [] };
const traces = { compute, hypervisor, network: ovn.traces };
const running: Domain = { id: 's', state: 'running', reason: '', fault: false };
const well: Evidence = {
  server: {
    id: 's',
    name: 'web',
    status: 'ACTIVE',
    task: undefined,
    fault: undefined,
    hasConfigDrive: false,
    host: 'node-1',
  },
  domain: running,
  silent: [],
  console: 'boot\r\nweb login: ',
  port: {
    id: 'p',
    mac: 'fa:16:3e:00:00:01',
    address: '10.0.0.5',
    status: 'ACTIVE',
    vifType: 'ovs',
    dhcp: true,
    leasedAt: '2026-11-27T09:00:00Z',
  },
  metadata: { at: '2026-11-27T09:00:01Z', status: 200 },
  opened: true,
  floatingIp: { address: '192.0.2.7', leadsTo: '10.0.0.5' },
  inside: { answer: '10.0.0.5 says SSH-2.0-x' },
  ssh: { banner: 'SSH-2.0-x' },
  volumes: undefined,
};
const silent = { problem: '192.0.2.7 does not answer' };
const outside: Partial<Evidence> = { ssh: silent };
const nowhere: Partial<Evidence> = { ssh: silent, inside: { problem: '10.0.0.5: does not answer' } };

function outcomes(changes: Partial<Evidence>): Record<string, string> {
  const rungs = climb({ ...well, ...changes }, traces);
  return Object.fromEntries(rungs.map(({ name, outcome }) => [name, outcome]));
}

describe('the ladder', () => {
  it('is ok from the hypervisor to the login where a server answers', () => {
    expect(new Set(Object.values(outcomes({})))).toEqual(new Set(['ok']));
    expect(formatLadder(climb(well, traces), well).split('\n')).toHaveLength(10);
  });

  it('says of volumes, after all else, what is wrong with them and what mends it', () => {
    const finding = {
      volume: { id: 'v', name: 'disk' },
      server: { id: 's', name: 'web' },
      seen: 'attached to nothing',
      next: 'it is said to be available',
      mends: [{ call: 'reset', volume: 'v', status: 'available' } as const],
    };
    expect(outcomes({ volumes: [] }).volumes).toBe('ok');
    expect(outcomes({ volumes: { problem: 'Cinder is away' } }).volumes).toBe('unknown');
    const rungs = climb({ ...well, volumes: [finding] }, traces);
    expect(rungs.at(-1)).toMatchObject({ name: 'volumes', seen: 'disk: attached to nothing' });
    expect(firstFailed(rungs)?.next).toBe('gantry volumes repair: it is said to be available');
    expect(firstFailed(climb({ ...well, ssh: silent, volumes: [finding] }, traces))?.name).toBe('SSH');
  });

  const port = well.port as NonNullable<Evidence['port']>;
  const server = well.server;
  it.each<[string, Partial<Evidence>, string, RegExp, RegExp]>([
    [
      'Nova made no server of it',
      {
        server: { ...server, status: 'ERROR', host: undefined, fault: 'No valid host' },
        domain: undefined,
        ...nowhere,
      },
      'Nova',
      /ERROR: No valid host/,
      /^gantry logs nova-scheduler nova-conductor$/,
    ],
    [
      'its user has shut it off',
      {
        server: { ...server, status: 'SHUTOFF' },
        domain: { ...running, state: 'shut off', reason: 'shut down' },
      },
      'Nova',
      /SHUTOFF/,
      /server start s/,
    ],
    [
      'Nova is at work',
      { server: { ...server, status: 'BUILD', task: 'spawning' } },
      'Nova',
      /BUILD, spawning/,
      /look again/,
    ],
    [
      'KVM cannot run it',
      {
        domain: {
          id: 's',
          state: 'paused',
          reason: 'nobody asked for it',
          fault: true,
          said: 'KVM internal error. Suberror: 1',
        },
        console: '',
        ...nowhere,
      },
      'hypervisor',
      /KVM internal error/,
      /reboot --hard s .*virtType: qemu/,
    ],
    [
      'its disk is full',
      { domain: { id: 's', state: 'paused', reason: 'I/O error', fault: true }, ...nowhere },
      'hypervisor',
      /I\/O error/,
      /`gantry logs libvirt nova-compute`, and the space and health of the disk/,
    ],
    [
      'it was removed from the hypervisor',
      { domain: undefined, ...nowhere },
      'hypervisor',
      /no hypervisor knows it/,
      /reboot --hard/,
    ],
    [
      'the switch has another name',
      { port: { ...port, vifType: 'binding_failed', status: 'DOWN' }, ...nowhere },
      'port',
      /no switch is known/,
      /ovn-controller/,
    ],
    ['the port is down', { port: { ...port, status: 'DOWN' }, ...nowhere }, 'port', /DOWN/, /openvswitch/],
    [
      'it got no address',
      { port: { ...port, leasedAt: undefined }, metadata: undefined, ...nowhere },
      'address by DHCP',
      /not given/,
      /DHCPOFFER/,
    ],
    [
      'it got no metadata',
      { metadata: undefined, ...nowhere },
      'metadata',
      /not asked for/,
      /^gantry logs neutron-ovn-metadata nova-metadata$/,
    ],
    [
      'metadata is broken',
      { metadata: { at: 't', status: 500 }, ...nowhere },
      'metadata',
      /500/,
      /^gantry logs nova-metadata$/,
    ],
    [
      'nobody is let in',
      { opened: false, ...nowhere },
      'security group',
      /does not let SSH in/,
      /rule create/,
    ],
    ['it does not answer its own network', nowhere, 'from its network', /does not answer/, /console/],
    [
      'the floating IP has no rule',
      { floatingIp: { address: '192.0.2.7', leadsTo: undefined }, ...outside },
      'floating IP',
      /no rule/,
      /router with a gateway/,
    ],
    [
      'the floating IP leads elsewhere',
      { floatingIp: { address: '192.0.2.7', leadsTo: '10.0.0.9' }, ...outside },
      'floating IP',
      /leads to 10.0.0.9/,
      /neutron-api/,
    ],
    ['only this machine is kept out', outside, 'SSH', /does not answer/, /external network/],
  ])('breaks where %s', (_, changes, name, seen, next) => {
    const evidence = { ...well, ...changes };
    const rungs = climb(evidence, traces);
    const failed = firstFailed(rungs);
    expect(failed).toMatchObject({
      name,
      seen: expect.stringMatching(seen),
      next: expect.stringMatching(next),
    });
    expect(formatLadder(rungs, evidence)).toMatch(new RegExp(`^FAILED {2}${name}`, 'm'));
  });

  it('does not reach what needs a server that runs', () => {
    const stopped = outcomes({
      domain: { ...running, state: 'paused', fault: true },
      console: '',
      ...nowhere,
    });
    expect(stopped).toMatchObject({
      console: 'not reached',
      'from its network': 'not reached',
      SSH: 'not reached',
      port: 'ok',
    });
  });

  it('holds nothing against a server that answers, however old its lease', () => {
    const old = outcomes({ port: { ...port, leasedAt: undefined }, metadata: undefined });
    expect(old).toMatchObject({ 'address by DHCP': 'unknown', metadata: 'unknown', SSH: 'ok' });
    expect(firstFailed(climb({ ...well, port: { ...port, leasedAt: undefined } }, traces))).toBeUndefined();
  });

  it('does not say of a server whose hypervisor is silent that it does not run', () => {
    const unseen = climb(
      { ...well, domain: undefined, silent: ['node-1 (no answer)'], inside: undefined },
      traces,
    );
    expect(unseen.filter(({ outcome }) => outcome !== 'ok')).toMatchObject([
      {
        name: 'hypervisor',
        outcome: 'unknown',
        seen: 'node-1 (no answer) did not answer',
        next: 'gantry logs libvirt',
      },
      { name: 'from its network', outcome: 'not reached', seen: 'its hypervisor did not answer' },
    ]);
  });

  it('says of each look that cannot be had why, and goes on', () => {
    const problem = { problem: 'could not be seen: node-1 does not answer' };
    const blind = climb({ ...well, console: problem, metadata: problem, opened: problem }, traces);
    expect(blind.filter(({ outcome }) => outcome === 'unknown').map(({ seen }) => seen)).toEqual([
      problem.problem,
      problem.problem,
      problem.problem,
    ]);
  });

  it('counts no answer for what a server was not given as a fault of the metadata service', () => {
    expect(outcomes({ metadata: { at: 't', status: 404 } }).metadata).toBe('ok');
  });

  it('counts no missing floating IP as a fault', () => {
    expect(outcomes({ floatingIp: undefined, ssh: undefined })).toMatchObject({
      'floating IP': 'unknown',
      SSH: 'not reached',
    });
  });
});
