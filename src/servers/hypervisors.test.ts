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

it('asks each hypervisor that runs, and says which one does not answer', async () => {
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
    stdout.write('a\t1\t1\t\t\nb\t3\t5\tweb\t\n');
    return 0;
  };
  const hypervisors = await askHypervisors({ exec }, 'c', [
    instance({ ordinal: 2, node: 'two' }),
    instance({ ordinal: 1, node: 'one' }),
    instance({ ordinal: 3, state: 'exited' }),
    instance({ ordinal: 4, health: 'starting' }),
    instance({ ordinal: 5, leaving: true }),
    instance({ workload: 'nova-compute' }),
  ]);
  expect(asked).toEqual(['libvirt-1', 'libvirt-2']);
  expect(hypervisors.map((one) => [one.node, countStates(one)])).toEqual([
    ['one', 'does not say: error: failed to connect to the hypervisor'],
    ['two', '1 paused: I/O error, 1 running'],
  ]);
  expect(stoppedServers(hypervisors)).toMatchObject([{ id: 'b', name: 'web', node: 'two' }]);
});

it('counts servers by state, those that it stopped itself first', () => {
  const lines = ['a\t1\t1\t\t', 'b\t1\t5\t\t', 'c\t5\t1\tc\t', 'd\t3\t0\td\t', 'e\t5\t1\te\t'];
  const domains = parseDomains(lines.join('\n'));
  expect(countStates({ domains })).toBe('1 paused: nobody asked for it, 2 running, 2 shut off: shut down');
  expect(countStates({ domains: [] })).toBe('none');
});
