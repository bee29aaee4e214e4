import { z } from 'zod';
import type { CloudConfig } from '../config/schema.ts';
import { unwrap } from '../config/schema-tree.ts';
import { GantryError } from '../errors.ts';
import type { Desired } from '../model/desired.ts';
import { instanceName } from '../model/per-device.ts';
import { BLOCK_DEVICES, DIRECTORIES } from '../model/settings/fields.ts';
import type { SettingsFinding, SettingsShape } from '../model/settings/settings.ts';
import { isVolumeDevice, type PlacedDevice, type Process, type Ref } from '../model/workload.ts';

type Spread = Pick<Desired, 'processes' | 'jobs' | 'tasks'>;

/**
 * Makes what has one instance per device one process for each of them: engines and planners know no more of it. Whoever
 * waits for or reaches the process waits for and reaches all of these. Pure.
 */
export function spreadOverDevices({ processes, jobs, tasks }: Spread): Spread {
  const instances = new Map(
    processes.flatMap((one) => (one.spread === 'perDevice' ? [[one.name, instancesOf(one)]] : [])),
  );
  const namesOf = (name: string): string[] => instances.get(name)?.map((one) => one.name) ?? [name];
  const after = <W extends { after: Ref[] }>(waiting: W): W => ({
    ...waiting,
    after: waiting.after.flatMap((ref) => {
      const [kind = '', name = ''] = ref.split(':');
      return kind === 'process' || kind === 'retired'
        ? namesOf(name).map((one): Ref => `${kind}:${one}`)
        : [ref];
    }),
  });
  const connected = <W extends { after: Ref[]; reaches: string[] }>(workload: W): W => ({
    ...after(workload),
    reaches: workload.reaches.flatMap(namesOf),
  });
  return {
    processes: processes.flatMap((one) => instances.get(one.name) ?? [one]).map(connected),
    jobs: jobs.map(connected),
    tasks: tasks.map(after),
  };
}

/** A process of its own for each device; that of a device is the same whatever others there are. */
function instancesOf(process: Process): Process[] {
  const { perDevice, ...others } = process;
  const shared = process.volumes.find(({ scope = 'instance' }) => scope === 'instance');
  const wrong =
    perDevice === undefined
      ? 'has no devices to be spread over'
      : shared !== undefined
        ? `has the volume ${shared.volume}, which the instances of all devices would share unsaid`
        : process.aliases.length > 0
          ? 'has aliases, which cannot lead to the instances of all devices'
          : undefined;
  if (perDevice === undefined || wrong !== undefined) {
    throw new GantryError({
      code: 'process.per-device',
      whose: 'bug',
      message: `${process.name} runs once per device and ${wrong}`,
    });
  }
  const { devices, path, content, named = false } = perDevice;
  return devices.map((device) => ({
    ...others,
    name: instanceName(process.name, device),
    command: [...process.command, ...(named ? [instanceName(process.name, device)] : [])],
    instanceOf: process.name,
    spread: 'replicas',
    replicas: 1,
    // Two must never write to one device.
    update: 'recreate',
    ...(isVolumeDevice(device)
      ? { volumes: [...process.volumes, { ...device, path }] }
      : {
          needs: {
            ...process.needs,
            devices: [
              ...(process.needs.devices ?? []),
              { block: device.path, path, ...(content ? { content } : {}) },
            ],
          },
          ...(device.node === undefined ? {} : { node: device.node }),
        }),
  }));
}

/** A list of devices among the settings of all services, by its path in cloud.yaml. */
interface DeviceList {
  path: readonly string[];
  devices: readonly PlacedDevice[];
}

/** The lists of devices in these settings. */
export function deviceLists(shape: SettingsShape, values: Readonly<Record<string, unknown>>): DeviceList[] {
  return settingsOfKind(BLOCK_DEVICES, shape, values).map(({ path, value }) => ({
    path,
    devices: value as PlacedDevice[],
  }));
}

/** The settings of a kind, with where they are in cloud.yaml. */
function settingsOfKind(
  wanted: string,
  shape: SettingsShape,
  values: Readonly<Record<string, unknown>>,
  above: readonly string[] = [],
): { path: readonly string[]; value: unknown }[] {
  return Object.entries(shape).flatMap(([key, field]) => {
    const { type, kind } = unwrap(field);
    const path = [...above, key];
    const value = values[key];
    if (type instanceof z.ZodObject) return settingsOfKind(wanted, type.shape, value as typeof values, path);
    return kind === wanted ? [{ path, value }] : [];
  });
}

/** Directories are of one machine: with several nodes, storage classes say where volumes are. */
export function checkDirectories(
  shape: SettingsShape,
  values: Readonly<Record<string, unknown>>,
  engine: CloudConfig['engine'],
): SettingsFinding[] {
  if (engine !== 'kubernetes') return [];
  return settingsOfKind(DIRECTORIES, shape, values)
    .filter(({ value }) => (value as string[]).length > 0)
    .map(({ path }) => ({
      path,
      level: 'error',
      message: `names directories of one machine, and the engine is ${engine}`,
      next: 'Leave it out; kubernetes.storageClass may name a class of local disks.',
    }));
}

/** Devices name their nodes exactly where there are several, and each is in one list alone. */
export function checkDevices(lists: readonly DeviceList[], engine: CloudConfig['engine']): SettingsFinding[] {
  const hasNodes = engine === 'kubernetes';
  const takenBy = new Map<string, string>();
  return lists.flatMap(({ path, devices }): SettingsFinding[] => {
    const findings: SettingsFinding[] = [];
    const misplaced = devices.find(({ node }) => (node !== undefined) !== hasNodes);
    if (misplaced) {
      findings.push({
        path,
        level: 'error',
        message: hasNodes
          ? `does not say which node has ${misplaced.path}`
          : `names the node of ${misplaced.path}, and the engine ${engine} runs on one machine`,
        next: hasNodes
          ? 'Set its `node`, to the label kubernetes.io/hostname of the node.'
          : 'Leave `node` out.',
      });
    }
    for (const { node = '', path: device } of devices) {
      const key = `${node}:${device}`;
      const other = takenBy.get(key);
      if (other === undefined) takenBy.set(key, path.join('.'));
      else if (other !== path.join('.')) {
        const message = `has ${device}, which ${other} has already`;
        findings.push({ path, level: 'error', message, next: 'Give each device to one of them.' });
      }
    }
    return findings;
  });
}
