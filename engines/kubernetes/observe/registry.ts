import type { ImageRegistry } from '../../../src/model/desired.ts';
import { builtinRegistry } from '../../../src/model/image-registry.ts';
import { hashOf } from '../../../src/plan/identity.ts';
import type { ClusterApi } from '../api/client.ts';
import type { Node } from '../api/objects.ts';
import { findUnseeded, type SeedsInput } from '../nodes/seeds.ts';
import { connectTo } from '../pods/connect.ts';
import { isPodReady } from '../waiters/pod.ts';
import { imagesOf } from './facts.ts';
import { type CloudScope, listPodsOf } from './live.ts';
import { readNodes } from './nodes.ts';

type Scope = Pick<CloudScope, 'cloud' | 'namespace'>;

/** Local ports that ways to registries have, when they are free. */
const PORTS = { first: 20_000, count: 8_000 };

/** A way to the registry inside the cluster, through the API server. */
export interface RegistryConnection {
  /** Host and port on this machine, for plain HTTP. */
  address: string;
  close(): Promise<void>;
}

/**
 * Connects to where the registry takes images. The local port of a cloud is the same each time, if it can: a Docker
 * Engine remembers by host and port which layers a registry has.
 */
export async function connectToRegistry(
  api: ClusterApi,
  scope: Scope,
  { process, pushPort }: ImageRegistry,
): Promise<RegistryConnection> {
  const wanted = PORTS.first + (Number.parseInt(hashOf(scope).slice(0, 6), 16) % PORTS.count);
  const { host, port, close } = await connectTo(api, scope, process, pushPort, wanted);
  return { address: `${host}:${port}`, close };
}

/**
 * Which of these images the registry inside the cluster has. While it is away, those are taken to be there that some
 * node has, since it took them from there: else nothing could be changed until it is back.
 */
export async function listInRegistry(
  api: ClusterApi,
  scope: Scope,
  registry: ImageRegistry,
  references: readonly string[],
  ask: (url: string) => Promise<string[]>,
): Promise<string[]> {
  const pods = await listPodsOf(api, scope, [registry.process]);
  if (pods.length === 0) return [];
  if (!pods.some(isPodReady)) {
    const onNodes = (await readNodes(api)).map(imagesOf);
    return references.filter((one) =>
      onNodes.some((names) => names.has(`${builtinRegistry.address}/${one}`)),
    );
  }
  const { address, close } = await connectToRegistry(api, scope, registry);
  try {
    return await ask(`http://${address}`);
  } finally {
    await close();
  }
}

/** The nodes that lack its image (see findUnseeded). Pods are looked at only where some node does not list it. */
export async function readUnseeded(
  api: ClusterApi,
  scope: Scope,
  input: Omit<SeedsInput, 'pods'>,
): Promise<Node[]> {
  const { registry } = input.desired;
  if (!registry || findUnseeded({ ...input, pods: [] }).length === 0) return [];
  const pods = await listPodsOf(api, scope, [registry.process, registry.mirror]);
  return findUnseeded({ ...input, pods });
}
