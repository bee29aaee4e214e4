import { expect, it } from 'vitest';
import { ovn } from '../../catalogue/neutron/drivers/ovn.ts';
import { traces as compute } from '../../catalogue/nova/traces.ts';
import type { LogOptions } from '../engine/engine.ts';
import type { ObservedInstance } from '../model/observed.ts';
import type { Session } from '../openstack/session.ts';
import { readTraces } from './network.ts';

const server = { id: '63951877-441a-491a-94ef-f7a92d63d44e', created: '2026-11-27T09:00:00Z' };
const mac = 'fa:16:3e:0f:9b:ed';

/** The two processes as started at these times, with these lines in their logs. */
function read(startedAt: [ovn: string, metadata: string], lines: string[]) {
  const instances = ['ovn-controller', 'nova-metadata'].map((workload, index) => ({
    workload,
    startedAt: startedAt[index],
  })) as ObservedInstance[];
  const logs = async (_cloud: string, _processes: string[], { onLine }: LogOptions): Promise<void> => {
    for (const text of lines) {
      onLine({ process: 'p', ordinal: 0, at: '2026-11-27T09:00:05.123456789Z', text });
    }
  };
  const admin = { signal: new AbortController().signal } as Session;
  const engine = { logs, exec: async () => 0 };
  const hypervisor = { process: 'libvirt', accelerator: [], servers: [], disks: [], logins: [] };
  const traces = { compute, hypervisor, network: ovn.traces };
  return readTraces({ admin, engine, cloud: 'c', instances, traces }, { server, mac });
}

const before = '2026-11-27T08:00:00Z';
const after = '2026-11-27T09:30:00Z';

it('finds the last lease and the last request of the server, and of no other', async () => {
  const traces = await read(
    [before, before],
    [
      `00003|pinctrl(ovn_pinctrl0)|INFO|DHCPACK ${mac} 10.29.30.13`,
      '00004|pinctrl(ovn_pinctrl0)|INFO|DHCPACK fa:16:3e:00:00:00 10.29.30.14',
      `GET /openstack/latest/meta_data.json for server ${server.id}: 200`,
      'GET /openstack/latest/meta_data.json for server 00000000-441a-491a-94ef-f7a92d63d44e: 500',
    ],
  );
  const at = '2026-11-27T09:00:05Z';
  expect(traces).toEqual({ leasedAt: at, metadata: { at, status: 200 } });
});

it('takes silence for an answer only where the log reaches back to the making of the server', async () => {
  expect(await read([before, before], [])).toEqual({ leasedAt: undefined, metadata: undefined });
  expect(await read([after, after], [])).toEqual({
    leasedAt: { problem: expect.stringContaining('begins after the server') },
    metadata: { problem: expect.stringContaining('begins after the server') },
  });
});
