import { execFile } from 'node:child_process';
import { access, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Finding } from '../../src/model/finding.ts';
import { type BlockDevice, blockDevicesOf, type Workload } from '../../src/model/workload.ts';

/** What this machine has at a path. */
export type Look =
  | { is: 'absent' | 'something else' }
  /** `signatures` in the words of blkid(8), `uses` in words; both of the device and of all that is made of it. */
  | { is: 'device'; signatures: string[]; uses: string[] }
  /** A device whose signatures only root could read, or of a machine without lsblk. */
  | { is: 'unreadable device' };

/**
 * Whether block devices can be given to those that need them: they are there, and hold nothing of anybody else. Whoever
 * runs already has its own.
 * @param running names of the workloads that have a container
 */
export async function checkBlockDevices(
  workloads: readonly Workload[],
  running: ReadonlySet<string | undefined>,
  look: (path: string) => Promise<Look> = lookAt,
): Promise<Finding[]> {
  const wanted = workloads
    .filter(({ name }) => !running.has(name))
    .flatMap((workload) => blockDevicesOf(workload).map((device) => ({ workload, device })));
  const findings = await Promise.all(
    wanted.map(async ({ workload, device }) => describeLook(workload.name, device, await look(device.block))),
  );
  return findings.flat();
}

function describeLook(name: string, { block, optional, content = [] }: BlockDevice, look: Look): Finding[] {
  const check = `device: ${block}`;
  const next = `Name another device in cloud.yaml, or, where nobody needs what is on it, clear it: \`wipefs --all ${block}\`.`;
  switch (look.is) {
    case 'absent':
      if (optional) return [{ check, level: 'ok', message: 'not there; nobody needs it' }];
      return [
        {
          check,
          level: 'error',
          message: `this machine does not have it, and ${name} needs it`,
          next: 'Name one that `lsblk` shows in cloud.yaml.',
        },
      ];
    case 'something else':
      return [
        {
          check,
          level: 'error',
          message: `is no block device, and ${name} needs one`,
          next: 'Name one that `lsblk` shows in cloud.yaml.',
        },
      ];
    case 'unreadable device':
      return [
        {
          check,
          level: 'warning',
          message: `what is on it cannot be seen from here, and ${name} writes to it`,
          next: `Make sure that it is empty: \`sudo wipefs ${block}\` shows what it has.`,
        },
      ];
    case 'device': {
      const others = look.signatures.filter((one) => !content.includes(one));
      const held = [...look.uses, ...others];
      if (held.length === 0) return [{ check, level: 'ok', message: `for ${name}` }];
      return [
        { check, level: 'error', message: `${name} would write to it, and it has ${held.join(', ')}`, next },
      ];
    }
  }
}

/** Looks without opening the device, which only root may; changes nothing. */
async function lookAt(path: string): Promise<Look> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return { is: 'absent' };
  if (!found.isBlockDevice()) return { is: 'something else' };
  // lsblk knows signatures from udev; without udev it reads the device itself, where it may.
  const isKnown =
    process.getuid?.() === 0 ||
    (await access('/run/udev/data').then(
      () => true,
      () => false,
    ));
  if (!isKnown) return { is: 'unreadable device' };
  const args = ['--json', '--output', 'NAME,TYPE,FSTYPE,PTTYPE,MOUNTPOINT', path];
  try {
    const { stdout } = await promisify(execFile)('lsblk', args, { timeout: 10_000 });
    return { is: 'device', ...parseLsblk(stdout) };
  } catch {
    return { is: 'unreadable device' };
  }
}

interface Listed {
  name: string;
  /** Such as disk, part, lvm, crypt. */
  type: string;
  fstype?: string | null;
  pttype?: string | null;
  mountpoint?: string | null;
  children?: Listed[];
}

/** Format: the JSON of lsblk(8), a tree of the device and what is made of it. */
export function parseLsblk(json: string): { signatures: string[]; uses: string[] } {
  const [device] = (JSON.parse(json) as { blockdevices: Listed[] }).blockdevices;
  const parts = device?.children ?? [];
  const mounted = all(device).flatMap(({ name, mountpoint }) =>
    mountpoint ? [`${name} mounted at ${mountpoint}`] : [],
  );
  return {
    signatures: [device?.fstype, device?.pttype].filter((one): one is string => Boolean(one)),
    uses: [...mounted, ...parts.flatMap(all).map(({ name, type, fstype }) => `${name} (${fstype ?? type})`)],
  };
}

function all(device: Listed | undefined): Listed[] {
  return device ? [device, ...(device.children ?? []).flatMap(all)] : [];
}
