/** What Cinder, Nova and the hypervisors say of volumes at one moment, for `compareVolumes`. Times are in ms. */
export interface Seen {
  now: number;
  volumes: readonly SeenVolume[];
  attachments: readonly SeenAttachment[];
  servers: readonly SeenServer[];
  /** Servers that hypervisors know. */
  domains: readonly SeenDomain[];
}

export interface SeenVolume {
  id: string;
  name: string;
  /** Cinder's, such as `in-use`. */
  status: string;
  changedAt: number;
}

/** As Cinder says. */
export interface SeenAttachment {
  id: string;
  volume: string;
  server: string | undefined;
  status: string;
}

export interface SeenServer {
  id: string;
  name: string;
  /** Nova's, such as ACTIVE. */
  status: string;
  task: string | undefined;
  /** Undefined where it is on no node. */
  host: string | undefined;
  /** As Nova says. */
  volumes: readonly SeenRecord[];
  /** When Nova was last asked to give it a volume or take one away, where that failed. */
  failedAt?: number;
}

export interface SeenRecord {
  volume: string;
  attachment: string | undefined;
  /** Name of the disk, such as `vdb`. */
  disk: string | undefined;
}

export interface SeenDomain {
  id: string;
  disks: readonly { name: string; serial: string }[];
}

/** What a hypervisor says of disks (HypervisorAccess): a line for each server, and one for each of its volumes. */
export function parseDisks(text: string): SeenDomain[] {
  const found = new Map<string, { name: string; serial: string }[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [id = '', name, serial] = line.split('\t');
    const disks = found.get(id) ?? [];
    if (name && serial) disks.push({ name, serial });
    found.set(id, disks);
  }
  return [...found].map(([id, disks]) => ({ id, disks }));
}
