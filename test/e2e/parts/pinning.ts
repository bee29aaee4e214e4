import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import type { GroupCloud } from '../group-cloud.ts';
import { expectDone } from './cloud.ts';

interface ShownResources {
  processes: {
    process: string;
    limits: { memoryMiB?: number; cpuset?: string };
    uses?: { memoryMiB?: number; cpus?: number };
  }[];
  nodes: {
    cpus: number[];
    shares: { cpus: string; whose: string[] }[];
    elsewhere: { processes: number };
  }[];
}

async function resourcesOf({ gantry }: Pick<GroupCloud, 'gantry'>): Promise<ShownResources> {
  return JSON.parse(await gantry.output('status', '--resources', '-o', 'json'));
}

/** On which CPUs each virtual one of a server runs, and QEMU's own threads, as the kernel has it. */
async function affinityOf({ gantry }: Pick<GroupCloud, 'gantry'>, server: string): Promise<string[]> {
  const tell = `pid=$(< "/run/libvirt/qemu/$(virsh -r domname ${server}).pid")
    sed -n 's/^Cpus_allowed_list:\\s*//p' /proc/"$pid"/task/*/status | sort -u`;
  return (await gantry.output('exec', 'libvirt', '--', 'bash', '-c', tell)).trim().split('\n');
}

/**
 * A storage daemon on the first CPU and servers on the second, then servers on both, one of them with the second to itself.
 * @param lines of its cloud.yaml
 * @param daemon a process that is kept on the first CPU, within `memoryMiB`
 * @param keepsWithin asks it how many bytes it keeps within
 */
export function testPinning(
  use: () => GroupCloud,
  lines: string,
  { daemon, memoryMiB, keepsWithin }: { daemon: string; memoryMiB: number; keepsWithin(): Promise<number> },
): void {
  const limits = `resources: {${daemon}: {cpuset: 0, memory: ${memoryMiB}MiB}}\n`;

  test('are kept on CPUs and within memory of their own, of which the status tells', async () => {
    const { gantry, containers } = use();
    await gantry.configure(`${lines}${limits}compute: {cpuSharedSet: 1}\n`);
    await expectDone(use(), 'up');
    const { HostConfig } = (await containers.inspect()).get(daemon) ?? {};
    expect(HostConfig).toMatchObject({ CpusetCpus: '0', Memory: memoryMiB * 2 ** 20 });
    expect(await keepsWithin()).toBe(Math.floor(memoryMiB * 2 ** 20 * 0.8));
    const { processes, nodes } = await resourcesOf(use());
    const shown = processes.find(({ process }) => process === daemon);
    expect(shown?.limits).toMatchObject({ cpuset: '0', memoryMiB });
    expect(shown?.uses?.memoryMiB).toBeGreaterThan(10);
    const unknown = processes.filter(({ uses }) => uses?.memoryMiB === undefined || uses.cpus === undefined);
    // These are outside of their containers' control groups, as servers are.
    expect(unknown.map(({ process }) => process)).toEqual(['virtlogd', 'libvirt']);
    expect(nodes).toMatchObject([
      {
        cpus: Array.from({ length: availableParallelism() }, (_, cpu) => cpu),
        shares: [
          { cpus: '0', whose: [daemon] },
          { cpus: '1', whose: ['servers'] },
        ],
        elsewhere: { processes: processes.length - 1 },
      },
    ]);
    const { stdout } = await gantry.run('status', '--resources');
    expect(stdout).toMatch(new RegExp(`^a +0 +${daemon}$`, 'm'));
  });

  test('share no CPU with servers: one that both are to have is refused, with both places', async () => {
    const { gantry } = use();
    await gantry.configure(`${lines}${limits}compute: {cpuSharedSet: 0-1}\n`);
    const { code, stderr } = await gantry.run('plan');
    expect(code).toBe(65);
    expect(stderr).toMatch(
      new RegExp(`compute.cpuSharedSet has CPU 0, which is in resources.${daemon}.cpuset \\(.*:\\d+:\\d+\\)`),
    );
    await gantry.configure(`${lines}compute: {cpuSharedSet: 0, cpuDedicatedSet: 4095}\n`);
    const doctor = await gantry.run('doctor');
    expect(doctor.stdout).toContain('compute.cpuDedicatedSet has 4095; the CPUs of this machine are 0-');
  });

  test('leave servers theirs: one has a CPU to itself, and the others run on the rest', async () => {
    const { gantry } = use();
    await gantry.configure(`${lines}compute: {cpuSharedSet: 0, cpuDedicatedSet: 1}\n`);
    await expectDone(use(), 'up');
    await expectDone(use(), 'demo');
    const asAdmin = (...words: string[]) => gantry.output('openstack', ...words);
    const asUser = (...words: string[]) =>
      gantry.output('openstack', '--os-cloud', `${gantry.name}-demo`, ...words);
    const size = ['--vcpus', '1', '--ram', '128', '--disk', '1'];
    await asAdmin('flavor', 'create', ...size, '--property', 'hw:cpu_policy=dedicated', 'pinned');
    const image = (await asUser('image', 'list', '-f', 'value', '-c', 'ID')).trim().split('\n')[0] ?? '';
    const create = [
      'server',
      'create',
      '--flavor',
      'pinned',
      '--image',
      image,
      '--network',
      'demo',
      '--wait',
    ];
    const created = await asUser(...create, 'pinned', '-f', 'value', '-c', 'id');
    const shared = await asUser('server', 'show', 'demo', '-f', 'value', '-c', 'id');
    expect(await affinityOf(use(), created.trim())).toEqual(['1']);
    expect(await affinityOf(use(), shared.trim())).toEqual(['0']);
    // There is one such CPU, and it is not shared.
    await expect(asUser(...create, 'second')).rejects.toThrow();
    const status = await asUser('server', 'show', 'second', '-f', 'value', '-c', 'status');
    expect(status.trim()).toBe('ERROR');
    await asUser('server', 'delete', '--wait', 'pinned', 'second');
    await expectDone(use(), 'demo', '--remove');
    await asAdmin('flavor', 'delete', 'pinned');
    await gantry.configure(lines);
    await expectDone(use(), 'up');
  });
}
