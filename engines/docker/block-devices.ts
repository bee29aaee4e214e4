import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Finding } from '../../src/model/finding.ts';
import { type BlockDevice, blockDevicesOf, type Workload } from '../../src/model/workload.ts';

const run = promisify(execFile);

const LOOK_LIMIT = 10_000;

/** Permission bits of a group that reads and writes. */
const GROUP_MAY = 0o060;

/** Exit codes of blkid(8): no signature, and several that contradict each other. */
const BLKID_NOTHING = 2;
const BLKID_SEVERAL = 8;

/** What this machine has at a path. */
export type Look =
  | { is: 'absent' }
  | { is: 'something else' }
  /**
   * Signatures that are not there mean nothing where they could not be read. What is its owner's alone cannot be written
   * to by a group that a container could be in.
   */
  | ({ is: 'device'; isRead: boolean; isOwners?: boolean } & Held);

/** What is on a device. */
export interface Held {
  /** Its own signatures, in the words of blkid(8). */
  signatures: string[];
  /** What is made of it, such as partitions, in words. */
  parts: string[];
  /** What of all that is mounted, in words. */
  mounts: string[];
}

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
    wanted.map(async ({ workload, device }) => describeLook(workload, device, await look(device.block))),
  );
  return findings.flat();
}

function describeLook(
  { name, user }: Workload,
  { block, optional, content }: BlockDevice,
  look: Look,
): Finding[] {
  const finding = (level: Finding['level'], message: string, next?: string): Finding[] => [
    { check: `device: ${block}`, level, message, ...(next ? { next } : {}) },
  ];
  const another = 'Name one that `lsblk` shows in cloud.yaml.';
  if (look.is === 'absent') {
    if (optional) return finding('ok', 'not there; nobody needs it');
    return finding('error', `this machine does not have it, and ${name} needs it`, another);
  }
  if (look.is === 'something else') {
    return finding('error', `is no block device, and ${name} needs one`, another);
  }
  const others = othersOn(look, content);
  if (others.length > 0) {
    return finding(
      'error',
      `${name} would write to it, and it has ${others.join(', ')}`,
      `Name another device in cloud.yaml, or, where nobody needs what is on it, clear it: \`wipefs --all ${block}\`.`,
    );
  }
  if (look.isOwners && !user.startsWith('0:')) {
    return finding(
      'error',
      `only its owner may write to it, and ${name} runs as a user of its own`,
      `Give it to a group, as udev does: \`chgrp disk ${block}; chmod 660 ${block}\`.`,
    );
  }
  if (look.isRead) return finding('ok', `for ${name}`);
  return finding(
    'warning',
    `what is on it cannot be seen from here, and ${name} writes to it`,
    `Make sure that it is empty: \`sudo wipefs ${block}\` shows what it has.`,
  );
}

/** What is not the workload's own: of a device that it wrote to itself, what is made of it is too, unless it is mounted. */
function othersOn({ signatures, parts, mounts }: Held, content: readonly string[] = []): string[] {
  const foreign = signatures.filter((one) => !content.includes(one));
  const isOwn = signatures.length > 0 && foreign.length === 0;
  return [...mounts, ...foreign, ...(isOwn ? [] : parts)];
}

/** Changes nothing. */
async function lookAt(path: string): Promise<Look> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return { is: 'absent' };
  if (!found.isBlockDevice()) return { is: 'something else' };
  const isOwners = found.gid === 0 || (found.mode & GROUP_MAY) !== GROUP_MAY;
  const args = ['--json', '--output', 'NAME,TYPE,FSTYPE,PTTYPE,MOUNTPOINT', path];
  const [listed, signatures] = await Promise.all([
    run('lsblk', args, { timeout: LOOK_LIMIT }).then(({ stdout }) => parseLsblk(stdout), nothing),
    probe(path),
  ]);
  if (!listed)
    return { is: 'device', signatures: signatures ?? [], parts: [], mounts: [], isRead: false, isOwners };
  if (signatures) return { is: 'device', ...listed, signatures, isRead: true, isOwners };
  return { is: 'device', ...listed, isRead: await isReadable('/run/udev/data'), isOwners };
}

/**
 * The signatures that are on a device; undefined where they cannot be read. lsblk has them from udev alone: where that
 * does not run, as on many a minimal machine, it shows none (findings/lsblk-without-udev.sh).
 */
async function probe(path: string): Promise<string[] | undefined> {
  if (!(await isReadable(path))) return undefined;
  const args = ['--probe', '--match-tag', 'TYPE', '--match-tag', 'PTTYPE', '--output', 'value', path];
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  try {
    const { stdout } = await run('blkid', args, { timeout: LOOK_LIMIT, env });
    return stdout.split('\n').filter(Boolean);
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    if (code === BLKID_NOTHING) return [];
    return code === BLKID_SEVERAL ? ['signatures of several kinds'] : undefined;
  }
}

function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

const nothing = () => undefined;

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
export function parseLsblk(json: string): Held {
  const [device] = (JSON.parse(json) as { blockdevices: Listed[] }).blockdevices;
  const parts = (device?.children ?? []).flatMap(all);
  return {
    signatures: [device?.fstype, device?.pttype].filter((one): one is string => Boolean(one)),
    parts: parts.map(({ name, type, fstype }) => `${name} (${fstype ?? type})`),
    mounts: all(device).flatMap(({ name, mountpoint }) =>
      mountpoint ? [`${name} mounted at ${mountpoint}`] : [],
    ),
  };
}

function all(device: Listed | undefined): Listed[] {
  return device ? [device, ...(device.children ?? []).flatMap(all)] : [];
}
