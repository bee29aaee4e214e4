import { expect, test } from 'vitest';
import { readAccelerators } from '../cloud/accelerators.ts';
import type { Engine } from '../engine/engine.ts';
import type { Desired } from '../model/desired.ts';
import type { ObservedInstance } from '../model/observed.ts';
import { formatAccelerators } from './accelerator-table.ts';

const answers: Record<string, string> = {
  'libvirt.0': 'type: qemu\nstage: kernel\nreason: KVM internal error. Suberror: 1\n',
  'libvirt.1': 'type: kvm\n',
  'libvirt.2': '',
};

const exec: Engine['exec'] = async (_cloud, target, _command, { stdout }) => {
  const answer = answers[target];
  if (answer === undefined) throw new Error(`${target} does not answer`);
  stdout?.write(answer);
  return 0;
};

const hypervisor = { process: 'libvirt', accelerator: ['tell'], servers: [], disks: [], logins: [] };
const read = (instances: ObservedInstance[], desired: Partial<Desired> = { hypervisor }) =>
  readAccelerators({ engine: { exec }, desired: { cloud: 'demo', ...desired } }, instances);

function instance(ordinal: number, overrides: Partial<ObservedInstance> = {}): ObservedInstance {
  const one = { workload: 'libvirt', ordinal, node: `node-${ordinal}`, state: 'running' };
  return { ...one, ...overrides } as ObservedInstance;
}

test('every node that runs libvirt and answers is told of, in the order of the names', async () => {
  const others = [instance(0, { workload: 'virtlogd' }), instance(1, { state: 'exited', node: 'node-9' })];
  const nodes = await read([2, 3, 1, 0].map((n) => instance(n)).concat(others));
  expect(nodes.map(({ node, found }) => `${node} ${found?.type}`)).toEqual([
    'node-0 qemu',
    'node-1 kvm',
    'node-2 undefined',
  ]);
  expect(formatAccelerators(nodes)).toBe(
    [
      'NODE    SERVERS RUN WITH   WHY',
      'node-0  qemu               no guest boots with KVM, it stopped at the kernel: KVM internal error. Suberror: 1',
      'node-1  kvm',
      'node-2  not found out yet',
      '',
      '',
    ].join('\n'),
  );
});

test('a single machine has no name, and a cloud that does not run has no line', async () => {
  const nodes = await read([instance(1, { node: undefined })]);
  expect(formatAccelerators(nodes)).toBe('SERVERS RUN WITH  WHY\nkvm\n\n');
  expect(formatAccelerators(await read([]))).toBe('');
  expect(await read([instance(1)], {})).toEqual([]);
});
