import { expect, it } from 'vitest';
import type { ObservedInstance } from '../model/observed.ts';
import { parseDomains } from './domain.ts';
import { askHypervisors, countStates, stoppedServers } from './hypervisors.ts';

const instance = (values: Partial<ObservedInstance>): ObservedInstance => ({
  id: 'x',
  kind: 'process',
  workload: 'libvirt',
  service: 'libvirt',
  ordinal: 0,
  identity: '',
  image: '',
  settings: '',
  files: {},
  fileHashes: {},
  state: 'running',
  health: 'healthy',
  startedAt: undefined,
  exitCode: undefined,
  detail: undefined,
  ...values,
});

const hypervisor = { process: 'libvirt', accelerator: [], servers: ['tell-servers'], disks: [], logins: [] };

it('asks each hypervisor that is healthy, and says of the others why they do not answer', async () => {
  const asked: string[] = [];
  const exec = async (
    _cloud: string,
    process: string,
    _command: string[],
    options: object,
  ): Promise<number> => {
    asked.push(process);
    const { stdout, stderr } = options as Record<'stdout' | 'stderr', NodeJS.WritableStream>;
    if (process === 'libvirt-1') {
      stderr.write('error: failed to connect to the hypervisor\n');
      return 1;
    }
    if (process === 'libvirt-6') return 126;
    stdout.write('a\t1\t1\t\t\nb\t3\t5\tweb\t\n');
    return 0;
  };
  const hypervisors = await askHypervisors({ engine: { exec }, cloud: 'c', hypervisor }, [
    instance({ ordinal: 2, node: 'two' }),
    instance({ ordinal: 1, node: 'one' }),
    instance({ ordinal: 3, node: 'four', state: 'exited', detail: 'exited with code 1' }),
    instance({ ordinal: 4, node: 'lost', health: 'unhealthy' }),
    instance({ ordinal: 5, leaving: true }),
    instance({ ordinal: 6, node: 'three' }),
    instance({ workload: 'nova-compute' }),
  ]);
  expect(asked).toEqual(['libvirt-1', 'libvirt-2', 'libvirt-6']);
  expect(hypervisors.map((one) => [one.node, countStates(one)])).toEqual([
    ['one', 'does not say: error: failed to connect to the hypervisor'],
    ['two', '1 paused: I/O error, 1 running'],
    ['four', 'does not say: libvirt is exited: exited with code 1'],
    ['lost', 'does not say: libvirt is unhealthy'],
    ['three', 'does not say: its image is an older one; "gantry up" replaces it'],
  ]);
  expect(stoppedServers(hypervisors)).toMatchObject([{ id: 'b', name: 'web', node: 'two' }]);
});

it('counts servers by state, those that it stopped itself first', () => {
  const lines = ['a\t1\t1\t\t', 'b\t1\t5\t\t', 'c\t5\t1\tc\t', 'd\t3\t0\td\t', 'e\t5\t1\te\t'];
  const domains = parseDomains(lines.join('\n'));
  expect(countStates({ domains })).toBe('1 paused: nobody asked for it, 2 running, 2 shut off: shut down');
  expect(countStates({ domains: [] })).toBe('none');
});
