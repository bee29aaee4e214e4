/** What Cinder, Nova and the hypervisors say of volumes at one moment, for `compareVolumes`. Times are in ms. */
export interface Seen {
  now: number;
  volumes: readonly SeenVolume[];
  attachments: readonly SeenAttachment[];
  servers: readonly SeenServer[];
  /** Servers that hypervisors know. */
  domains: readonly SeenDomain[];
  /** Whether all hypervisors said: a server that none of them knows has no disks then. */
  complete: boolean;
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
}

export interface SeenDomain {
  id: string;
  volumes: readonly string[];
}

/** What a hypervisor says of disks (HypervisorAccess): a line for each server, and one for each of its volumes. */
export function parseDisks(text: string): SeenDomain[] {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [id = '', volume] = line.split('\t');
    found.set(id, [...(found.get(id) ?? []), ...(volume ? [volume] : [])]);
  }
  return [...found].map(([id, volumes]) => ({ id, volumes }));
}
