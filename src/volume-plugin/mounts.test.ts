import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { mountedBelow } from './driver.ts';
import { holdersOf, type MountEntry, parseMountInfo, usersOf } from './mounts.ts';

const directory = '/var/lib/gantry-volumes/mounts/a';
const mount = (mountPoint: string, device = '254:16'): MountEntry => ({ device, mountPoint, type: 'ext4' });
const namespace = (pid: number, ...mounts: MountEntry[]) => ({ pid, program: 'app', mounts });

describe('mounts', () => {
  it('are read with what the kernel writes otherwise', () => {
    const text =
      '36 35 254:16 / /mnt/a\\040b rw,noatime shared:1 master:2 - ext4 /dev/vdb rw\n' +
      '37 35 0:30 /x /proc/y rw - proc proc rw\n';
    expect(parseMountInfo(text)).toEqual([
      { device: '254:16', mountPoint: '/mnt/a b', type: 'ext4' },
      { device: '0:30', mountPoint: '/proc/y', type: 'proc' },
    ]);
  });

  it('are those of this machine', async () => {
    const mounts = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
    expect(mounts).toContainEqual(expect.objectContaining({ mountPoint: '/proc', type: 'proc' }));
  });

  it('of a container are a use, the copy that a service has of all mounts is none', () => {
    const container = namespace(10, mount('/data'));
    const service = namespace(11, mount(directory));
    const other = namespace(12, mount('/data', '254:32'));
    expect(usersOf('254:16', directory, [container, service, other])).toEqual([container]);
    expect(holdersOf('254:16', [container, service, other])).toEqual([container, service]);
  });

  it('of the plugin tell the volumes', () => {
    const found = [mount(directory), mount('/var/lib/other'), mount(`${directory}/data/deep`)];
    expect(mountedBelow('/var/lib/gantry-volumes', found)).toEqual(['a']);
  });
});
