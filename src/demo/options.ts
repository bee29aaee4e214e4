import type { ExternalNetwork } from '../openstack/external-network.ts';
import type { ImageSource } from '../openstack/image-upload.ts';

/** Addresses of the external network and its name in Neutron. */
export interface DemoOptions {
  /** Of the user `demo`. */
  password: string;
  external: ExternalNetwork;
  tenant: { subnet: string; dns: readonly string[] };
  image: ImageSource;
  /** One line, as in authorized_keys. */
  publicKey: string;
  /** Runs `hostname` on the server over SSH; resolves to its output, rejects where nobody could log in. */
  logIn(address: string, signal: AbortSignal): Promise<string>;
  /** Why a server does not answer, in words; see src/servers. */
  explain(serverId: string): Promise<string>;
}

export interface DemoResult {
  serverId: string;
  server: string;
  floatingIp: string;
  /** Who logs in on the server. */
  user: string;
  /** True where everything had been there before. */
  unchanged: boolean;
}

/** What everything of the demo is called. */
export const DEMO = 'demo';
export const GUEST_USER = 'gantry';

/** Sizes of servers; memory in MiB, disk in GiB. */
export const FLAVORS = [
  { name: 'm1.nano', vcpus: 1, ram: 128, disk: 1 },
  { name: 'm1.tiny', vcpus: 1, ram: 512, disk: 2 },
  { name: 'm1.small', vcpus: 1, ram: 1024, disk: 10 },
  { name: 'm1.medium', vcpus: 2, ram: 2048, disk: 20 },
] as const;
export const DEMO_FLAVOR = 'm1.nano';
