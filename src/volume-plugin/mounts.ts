/** A mount, by proc_pid_mountinfo(5). */
export interface MountEntry {
  /** `major:minor`. */
  device: string;
  mountPoint: string;
  /** Of the file system, such as ext4. */
  type: string;
}

/** Parses /proc/PID/mountinfo. */
export function parseMountInfo(text: string): MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device, , mountPoint] = before.split(' ');
    if (device === undefined || mountPoint === undefined) return [];
    return [{ device, mountPoint: readEscapes(mountPoint), type: after.split(' ')[0] ?? '' }];
  });
}

/** Blanks, tabs, line ends and backslashes are written as three octal digits. */
function readEscapes(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The mounts of one namespace, with a process that is in it. */
export interface Namespace {
  pid: number;
  /** What /proc/PID/comm says. */
  program: string;
  mounts: readonly MountEntry[];
}

/**
 * Those that use a device, among the mount namespaces beside the plugin's own. A copy of the plugin's mount at `directory`
 * is no use: services with a namespace of their own have one, and lose it with the plugin's. A container has the volume
 * elsewhere.
 */
export function usersOf(
  device: string,
  directory: string,
  namespaces: readonly Namespace[],
): readonly Namespace[] {
  return namespaces.filter(({ mounts }) =>
    mounts.some((mount) => mount.device === device && mount.mountPoint !== directory),
  );
}

/** Those that have the device at all: while there is one, the device must stay. */
export function holdersOf(device: string, namespaces: readonly Namespace[]): readonly Namespace[] {
  return namespaces.filter(({ mounts }) => mounts.some((mount) => mount.device === device));
}
