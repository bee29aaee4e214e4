import type { Workload } from '../../src/model/workload.ts';

/** Labels on everything that Gantry makes on a Docker Engine; what carries none of them is left alone. */
export const Label = {
  cloud: 'org.gantry.cloud',
  service: 'org.gantry.service',
  /** Name of the process or job. */
  process: 'org.gantry.process',
  kind: 'org.gantry.kind',
  ordinal: 'org.gantry.ordinal',
  identity: 'org.gantry.identity',
  image: 'org.gantry.image',
  settings: 'org.gantry.settings',
  /** JSON: what it was created with that follows from the rest of the cloud. */
  surroundings: 'org.gantry.surroundings',
  /** JSON: hash of each file by path, as the container was made. */
  fileHashes: 'org.gantry.file-hashes',
  /** `true` where files may be exchanged without a new container, so that their hashes are kept in it. */
  reloadable: 'org.gantry.reloadable',
  /** JSON: fixed addresses by process name that this container has or knows. */
  addresses: 'org.gantry.addresses',
  network: 'org.gantry.network',
  volume: 'org.gantry.volume',
} as const;

/** The filter that the list calls of the Engine API take. */
export function labelled(
  cloud: string,
  further: Partial<Record<keyof typeof Label, string>> = {},
): { label: string[] } {
  const label = [`${Label.cloud}=${cloud}`];
  for (const [name, value] of Object.entries(further)) {
    label.push(`${Label[name as keyof typeof Label]}=${value}`);
  }
  return { label };
}

/** Container name; two instances of different identity can exist side by side while one replaces the other. */
export function containerName(cloud: string, workload: Workload, ordinal: number, identity: string): string {
  const short = identity.slice(0, 7);
  return workload.kind === 'job'
    ? `${cloud}-${workload.name}-${short}`
    : `${cloud}-${workload.name}-${ordinal}-${short}`;
}

export function volumeName(cloud: string, volume: string): string {
  return `${cloud}-${volume}`;
}

/** The engine's name of a network, which is unique on an engine that holds several clouds. */
export function networkName(cloud: string, network: string): string {
  return `${cloud}-${network}`;
}
