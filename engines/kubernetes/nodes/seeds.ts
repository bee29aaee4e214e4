import type { Desired } from '../../../src/model/desired.ts';
import type { Node, Pod } from '../api/objects.ts';
import { Label } from '../names.ts';
import { imagesOf, isReady, observeNodes } from '../observe/facts.ts';
import { seedImageOf } from '../plan/images.ts';
import { isRunning } from '../pods/find.ts';

/** Container runtimes that images are loaded into from here, as nodes name them. */
const loadable = ['containerd', 'docker'];

export interface SeedsInput {
  desired: Pick<Desired, 'registry' | 'processes' | 'images'>;
  /** What nodes call the registry, with a slash at the end. */
  imagePrefix: string;
  nodes: readonly Node[];
  /** Pods of the cloud. */
  pods: readonly Pod[];
}

/**
 * Nodes of the cloud that lack the image of the registry inside the cluster; none where there is no such registry.
 */
export function findUnseeded({ desired, imagePrefix, nodes, pods }: SeedsInput): Node[] {
  const seed = seedImageOf(desired);
  if (!seed) return [];
  const image = `${imagePrefix}${seed.reference}`;
  const own = new Set(observeNodes(nodes).map(({ name }) => name));
  return nodes
    .filter((node) => own.has(node.metadata.name) && isReady(node) && !hasImage(node, image, pods))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** A kubelet lists its largest images only: a node on which a container of the image runs has it too. */
export function hasImage(node: Node, image: string, pods: readonly Pod[]): boolean {
  const own = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
  return imagesOf(node).has(image) || own.some((pod) => runs(pod, image));
}

function runs(pod: Pod, image: string): boolean {
  const named = pod.spec.containers.some((container) => container.image === image);
  return named && pod.metadata.labels?.[Label.name] !== undefined && isRunning(pod);
}

/** The runtime of a node where images can be loaded into it from here. */
export function runtimeOf(node: Node): string | undefined {
  const name = runtimeNameOf(node);
  return loadable.find((one) => one === name);
}

function runtimeNameOf({ status }: Node): string | undefined {
  return status.nodeInfo?.containerRuntimeVersion.split(':')[0];
}

/** The smallest image that a node has: nothing in it is used. */
export function imageToStartFrom({ status }: Node): string | undefined {
  const named = (status.images ?? []).flatMap(({ names, sizeBytes = 0 }) => {
    const name = names?.find((one) => !one.includes('@') && !one.includes('<none>'));
    return name === undefined ? [] : [{ name, sizeBytes }];
  });
  return named.sort((a, b) => a.sizeBytes - b.sizeBytes)[0]?.name;
}

/** What an operator does where a node cannot be given the image from here. */
export function howToSeed(node: Node): string {
  const commands: Record<string, string> = {
    docker: 'docker load -i FILE',
    'cri-o': 'podman load -i FILE',
  };
  const command = commands[runtimeNameOf(node) ?? ''] ?? 'ctr -n k8s.io images import FILE';
  return (
    `Run \`gantry images save registry > FILE\` here and \`${command}\` on ${node.metadata.name}, then the same command ` +
    'again; or set images.registry in cloud.yaml to a registry that this machine and the nodes reach.'
  );
}
