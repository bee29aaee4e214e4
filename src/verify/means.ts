import type { ExternalNetwork } from '../openstack/external-network.ts';
import type { ImageSource } from '../openstack/image-upload.ts';

/** What a run has, for its checks to use. */
export interface VerifyMeans {
  /** Of the user that is made for the run. */
  password: string;
  /** Types that the catalogue must have. */
  serviceTypes: readonly string[];
  external: ExternalNetwork;
  /** CIDR of the network that is made for the run. */
  subnet: string;
  /** A guest as Gantry builds it; its name does not matter. */
  image: ImageSource;
  publicKey: string;
  /** Runs a command on the server over SSH; resolves to its output. */
  runOnServer(address: string, command: string, signal: AbortSignal): Promise<string>;
  /** Sends one ICMP echo and waits for the answer. Throws Skip where there is no program for it. */
  ping?(address: string, signal: AbortSignal): Promise<void>;
  /** The registry for users' container images, where the cloud has one. */
  registry: { address: string; user: string; password: string } | undefined;
  /** URL of the dashboard, where the cloud has one. */
  dashboard: string | undefined;
  /** What a command writes in a process of the cloud; undefined where it fails, or does not answer in time. */
  ask(process: string, command: readonly string[], limitMs: number): Promise<string | undefined>;
  /** Why a server does not answer, in words; see src/servers. */
  explain(serverId: string): Promise<string>;
}
